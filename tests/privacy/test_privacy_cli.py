"""Scanning and finding from the command line: values come by file or standard input, and what is
found is told by place."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.home import Home
from infra.record.migrate import migrate
from infra.servers.owner import serving
from tests.cli.terminal import Said, Terminal
from tests.conftest import UNSAFE

MAIL = "erika.q7x9@example-mustermann.de"
Dossier = Callable[..., Said]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = Home.at(tmp_path_factory.mktemp("cli") / "home")
    with serving(home, postgres_settings=UNSAFE) as addresses:
        migrate(addresses.database_url)
        yield home


@pytest.fixture
def dossier(home: Home, prompt: subprocess.Popen[str]) -> Dossier:
    env = {"DOSSIER_HOME": str(home.path), "COLUMNS": "300"}
    terminal = Terminal(home, "", env, prompt)
    return lambda *words, says="": terminal.types(*words, stdin=says)


def needle_file(folder: Path, *values: str, mode: int = 0o600) -> str:
    path = folder / "values"
    path.write_text("\n".join(values), encoding="utf-8")
    path.chmod(mode)
    return str(path)


@pytest.mark.case("PL-03")
def test_a_value_in_a_log_is_told_by_place_and_not_by_itself(
    home: Home, dossier: Dossier, tmp_path: Path
) -> None:
    left = home.log / "careless.log"
    left.write_text(json.dumps({"mail": MAIL}).replace("@", "\\u0040"))
    try:
        done = dossier("privacy", "scan", "--needle-file", needle_file(tmp_path, "nobody", MAIL))
    finally:
        left.unlink()
    assert done.code == 1
    assert "log/careless.log" in done.out
    assert done.err.splitlines()[-1].endswith("[personal_data_found]")
    assert MAIL not in done.out + done.err
    assert MAIL not in (home.log / "dossier.log").read_text()


def test_where_nothing_is_found_it_says_how_much_it_looked_at(dossier: Dossier) -> None:
    done = dossier("privacy", "scan", says=f"{MAIL}\n")
    assert done.code == 0, done.err
    assert "1 values looked for: " in done.out
    for store in ("tables", "statistics", "dump", "server files", "queue", "data folder"):
        assert store in done.out


@pytest.mark.parametrize(
    ("values", "mode", "code"),
    [
        ((MAIL,), 0o644, "needle_file_open"),
        ((), 0o600, "needles_missing"),
        (("short",), 0o600, "needle_too_short"),
    ],
)
def test_what_cannot_be_looked_for_is_refused_in_one_line(
    dossier: Dossier, tmp_path: Path, values: tuple[str, ...], mode: int, code: str
) -> None:
    done = dossier("privacy", "scan", "--needle-file", needle_file(tmp_path, *values, mode=mode))
    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1 and f"[{code}]" in done.err


def test_a_value_is_not_taken_from_the_command_line(dossier: Dossier) -> None:
    for words in (("privacy", "scan", MAIL), ("customers", "find", "--email", MAIL)):
        done = dossier(*words)
        assert (done.code, done.out) == (1, "")
        assert "Traceback" not in done.err


@pytest.mark.case("PL-01", "PL-03")
def test_the_canary_and_the_self_test_come_out_well(dossier: Dossier) -> None:
    canary = dossier("privacy", "scan", "--canary")
    assert canary.code == 0, canary.out + canary.err
    assert "before the erasure: " in canary.out and "after the erasure: " in canary.out
    tested = dossier("privacy", "scan", "--self-test")
    assert tested.code == 0, tested.out + tested.err
    assert "planted copies were found" in tested.out
    both = dossier("privacy", "scan", "--self-test", "--canary")
    assert both.code == 1 and both.err.count("\n") == 1


def test_a_customer_is_found_by_what_is_typed_behind_the_command(dossier: Dossier) -> None:
    body = {
        "collection_source": "customer_submitted",
        "market": "DE",
        "profile": {"name": "Erika Mustermann", "email": MAIL},
    }
    sent = dossier("send", "RegisterCustomer", "-", says=json.dumps(body))
    customer = json.loads(sent.out)["ids"]["customer"]
    assert dossier("projections", "run").code == 0
    purpose = ("--purpose", "dpv:CustomerRelationshipManagement")
    found = dossier("customers", "find", "--email", *purpose, says=f" {MAIL.upper()} \n")
    assert customer in found.out and "Erika Mustermann" in found.out, found.err
    by_name = dossier("customers", "find", "--name", *purpose, says="mustermann\n")
    assert customer in by_name.out
    for words in (("--email",), ("--email", "--phone", *purpose), purpose):
        done = dossier("customers", "find", *words, says=f"{MAIL}\n")
        assert done.code == 1 and done.err.count("\n") == 1
    denied = dossier("customers", "find", "--email", "--purpose", "dpv:Curiosity", says=f"{MAIL}\n")
    assert denied.code == 1 and "[access_denied]" in denied.err
    remade = dossier("privacy", "reindex", "--new-key")
    assert remade.code == 0, remade.err
    again = dossier("customers", "find", "--email", *purpose, says=MAIL)
    assert customer in again.out
