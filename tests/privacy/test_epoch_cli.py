"""`dossier keys`: a rotation from end to end at the terminal, and what is typed wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from infra.home import Home
from infra.product import assembled, product
from infra.servers.owner import Addresses
from tests.cli.terminal import Said, Terminal
from tests.privacy.conftest import ask, registration
from tests.privacy.persons import name_of, reads

ROOT = Path(__file__).parents[2]
Dossier = Callable[..., Said]


@pytest.fixture
def dossier(at_terminal: Terminal) -> Dossier:
    return at_terminal.types


@pytest.fixture
def erika(home: Home, database: str) -> UUID:
    with assembled(home, Addresses(database, "redis://127.0.0.1:1/0", owner=False)) as running:
        return ask(running, registration()).ids["customer"]


@pytest.fixture
def named(database: str, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DOSSIER_DATABASE_URL", database)
    monkeypatch.setenv("DOSSIER_REDIS_URL", redis_url)
    yield


def test_rotate_rewrap_destroy_snapshot_load(
    dossier: Dossier, home: Home, erika: UUID, named: None
) -> None:
    said = []
    for words in (
        ("rotate",), ("rewrap",), ("rewrap",), ("destroy-epoch", "1"), ("list",), ("snapshot",),
    ):  # fmt: skip
        done = dossier("keys", *words)
        assert done.code == 0, done.err
        said.append(done.out)
    assert said[0] == "epoch 2 is current; now `dossier keys rewrap`\n"
    assert said[1:3] == ["2 keys re-wrapped\n", "every key is under the current epoch\n"]
    assert said[3].startswith("epoch 1 is destroyed; on record at position ")
    assert "destroyed" in said[4]
    assert "there, and fits" in said[4]
    (snapshot,) = (home.path / "key-snapshots").glob("*.keys")
    assert Path(said[5].strip()) == snapshot
    loaded = dossier("keys", "load-snapshot", str(snapshot))
    assert loaded.out == "2 keys can be used; start what runs anew\n"
    with product(home) as running:
        assert reads(running, name_of(running, erika)) == "Erika Mustermann"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("destroy-epoch", "1"), "epoch_is_current"),
        (("destroy-epoch", "7"), "epoch_not_known"),
        (("destroy-epoch", "0"), "invalid_request"),
        (("destroy-epoch", "one"), "invalid_request"),
        (("destroy-epoch", "9" * 40), None),
        (("load-snapshot", "/nowhere/at/all"), "snapshot_damaged"),
        (("load-snapshot", str(ROOT / "README.md")), "snapshot_damaged"),
        (("snapshot", str(ROOT / "README.md")), None),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_in_one_line(
    dossier: Dossier, erika: UUID, words: tuple[str, ...], code: str | None
) -> None:
    done = dossier("keys", *words)
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err
    if code is not None:
        assert f"[{code}]" in done.err
    assert "a defect" not in done.err
    assert "internal_error" not in done.err


def test_a_missing_key_is_told_and_the_rest_still_answers(
    dossier: Dossier, home: Home, erika: UUID
) -> None:
    (home.keys / "kek-1").unlink()
    done = dossier("keys", "list")
    assert done.code == 0
    assert "missing, or does not fit" in done.out
    assert "nothing personal can be opened: kek-1 is missing from the keys folder" in done.out
    refused = dossier("keys", "rewrap")
    assert refused.code == 1
    assert refused.err.count("\n") == 1


def test_a_provider_there_is_not_is_told(dossier: Dossier, erika: UUID) -> None:
    done = dossier("keys", "list", DOSSIER_KEK_PROVIDER="cloud")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "DOSSIER_KEK_PROVIDER is none of file, environment, transit" in done.err


def test_with_keys_in_the_environment_the_operator_gives_and_removes_them(
    dossier: Dossier, home: Home, database: str
) -> None:
    """From the very first start, which is before the first key is given."""
    given = {"DOSSIER_KEK_PROVIDER": "environment"}
    first = dossier("keys", "list", **given)
    assert "nothing personal can be opened: DOSSIER_KEK_1 is not set" in first.out
    given["DOSSIER_KEK_1"] = "11" * 32
    assert "there, and fits" in dossier("keys", "list", **given).out
    assert "[epoch_not_given]" in dossier("keys", "rotate", **given).err
    given["DOSSIER_KEK_2"] = "22" * 32
    assert dossier("keys", "rotate", **given).out.startswith("epoch 2 is current")
    assert "[epoch_still_given]" in dossier("keys", "destroy-epoch", "1", **given).err
    del given["DOSSIER_KEK_1"]
    assert dossier("keys", "destroy-epoch", "1", **given).out.startswith("epoch 1 is destroyed")
    assert not list(home.keys.glob("kek*"))
