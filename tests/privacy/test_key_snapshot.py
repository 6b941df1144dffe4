"""Key snapshots: whole or refused, a week at most, and never a way back for anybody."""

from __future__ import annotations

import gzip
import hmac
import json
import os
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from domain.personal import Category
from infra.home import Home
from infra.product import Product, assembled
from infra.servers.owner import Addresses
from infra.vault.epochs import Epochs
from infra.vault.rewrap import rewrap
from infra.vault.snapshot import KEPT, SnapshotDamaged, SnapshotTooOld, load, take
from tests.privacy.conftest import ask, registration
from tests.privacy.persons import many_keys, name_of, reads, superuser, unwrapped
from tests.privacy.test_sealed_values import interaction


@pytest.fixture
def epochs(running: Product) -> Epochs:
    assert running.epochs is not None
    return running.epochs


def taken(product: Product, folder: Path) -> Path:
    assert product.epochs is not None
    return take(product.epochs.connect, folder, product.installation)


def loaded(product: Product, path: Path) -> int:
    assert product.epochs is not None
    return load(product.epochs.connect, path, product.installation)


def test_holds_every_key_wrapped_and_nothing_open(
    running: Product, erika: UUID, tmp_path: Path
) -> None:
    many_keys(running, 100)
    secrets = unwrapped(running).values()
    path = taken(running, tmp_path / "apart")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    text = gzip.decompress(path.read_bytes())
    assert text.count(b"\n") == 1 + 102 + 1
    assert str(erika).encode() in text
    assert not any(secret in text or secret.hex().encode() in text for secret in secrets)


def test_loaded_again_changes_nothing(running: Product, erika: UUID, tmp_path: Path) -> None:
    before = unwrapped(running)
    assert loaded(running, taken(running, tmp_path)) == 2
    assert unwrapped(running) == before
    assert reads(running, name_of(running, erika)) == "Erika Mustermann"
    ask(running, interaction(erika, "more"))


def test_older_than_a_week_is_deleted_and_not_loaded(
    running: Product, erika: UUID, tmp_path: Path
) -> None:
    path = taken(running, tmp_path)
    aged = made_earlier(running, path, KEPT + timedelta(minutes=1))
    os.utime(aged, (time.time() - KEPT.total_seconds() - 60,) * 2)
    with pytest.raises(SnapshotTooOld):
        loaded(running, aged)
    newer = taken(running, tmp_path)
    assert sorted(tmp_path.glob("*.keys")) == [path, newer]
    assert loaded(running, made_earlier(running, path, KEPT - timedelta(minutes=1))) == 2


def made_earlier(product: Product, path: Path, by: timedelta) -> Path:
    """The same snapshot as it had been made earlier by this installation."""
    head, *rest, _ = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    said = json.loads(head)
    said["made_at"] = (datetime.fromisoformat(said["made_at"]) - by).isoformat()
    text = json.dumps(said).encode() + b"\n" + b"".join(rest)
    shown = hmac.new(product.installation.secret, b"key snapshot|" + text, "sha256").hexdigest()
    target = path.with_name(f"earlier-{path.name}")
    target.write_bytes(gzip.compress(text + json.dumps({"hmac": shown}).encode() + b"\n"))
    return target


class TestBringsNobodyBack:
    def test_erased_since(self, running: Product, erika: UUID, tmp_path: Path) -> None:
        value, path = name_of(running, erika), taken(running, tmp_path)
        running.keyring.destroy(erika)
        loaded(running, path)
        assert reads(running, value) is None
        assert erika not in {subject for subject, _, _ in unwrapped(running)}

    def test_in_part_since(self, running: Product, erika: UUID, tmp_path: Path) -> None:
        path = taken(running, tmp_path)
        running.keyring.destroy(erika, [Category.CONTACT])
        loaded(running, path)
        assert [c for s, c, _ in unwrapped(running) if s == erika] == ["identity"]

    def test_restricted_since(self, running: Product, erika: UUID, tmp_path: Path) -> None:
        path = taken(running, tmp_path)
        running.keyring.restrict(erika, list(Category))
        loaded(running, path)
        opened = running.keyring.for_opening([(erika, Category.IDENTITY, 1)])
        assert [key.state for key in opened.values()] == ["restricted"]

    def test_of_an_epoch_left_since(
        self, running: Product, erika: UUID, epochs: Epochs, tmp_path: Path
    ) -> None:
        path = taken(running, tmp_path)
        epochs.rotate()
        rewrap(epochs)
        loaded(running, path)
        with superuser(running) as connection:
            rows = connection.execute("SELECT number, state FROM keys.epoch ORDER BY 1").fetchall()
            held = connection.execute("SELECT DISTINCT epoch FROM keys.subject_key").fetchall()
        assert rows == [(1, "retiring"), (2, "current")]
        assert held == [(2,)]


class TestDamaged:
    @pytest.fixture
    def path(self, running: Product, erika: UUID, tmp_path: Path) -> Path:
        return taken(running, tmp_path)

    @pytest.mark.parametrize(
        "damage",
        [
            lambda text: b"",
            lambda text: b"not compressed",
            lambda text: text[:-9],
            lambda text: gzip.compress(gzip.decompress(text).replace(b"active", b"hectic")),
            lambda text: gzip.compress(gzip.decompress(text).split(b"\n", 2)[2]),
            lambda text: gzip.compress(b"[1,2]\n{}\n"),
            lambda text: gzip.compress(b"null\nnull\n"),
            lambda text: gzip.compress(b"\xff\xfe" * 999),
            lambda text: gzip.compress(bytes(3_000_000)),
        ],
        ids=["empty", "plain", "cut", "changed", "beheaded", "list", "null", "binary", "zeros"],
    )
    def test_is_refused_whole(self, running: Product, path: Path, damage: object) -> None:
        before = unwrapped(running)
        path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
        with pytest.raises(SnapshotDamaged):
            loaded(running, path)
        assert unwrapped(running) == before

    def test_so_is_what_is_not_there(self, running: Product, tmp_path: Path) -> None:
        for path in (tmp_path / "nothing", tmp_path):
            with pytest.raises(SnapshotDamaged):
                loaded(running, path)

    def test_and_that_of_another_installation(
        self, running: Product, path: Path, other: Product
    ) -> None:
        with pytest.raises(SnapshotDamaged):
            loaded(other, path)

    @pytest.fixture
    def other(self, database: str, tmp_path: Path) -> Iterator[Product]:
        address = Addresses(database, "redis://127.0.0.1:1/0", owner=False)
        home = Home.at(tmp_path / "other")
        (home.keys / "installation").write_text("11" * 32)
        with assembled(home, address) as product:
            yield product


def test_made_while_keys_are_exchanged_it_is_never_empty(
    running: Product, erika: UUID, epochs: Epochs, tmp_path: Path
) -> None:
    """One moment for all of it, and that moment is not before an exchange it comes after."""
    many_keys(running, 300)
    stop = threading.Event()
    made: list[Path] = []

    def keep_taking() -> None:
        while not stop.is_set():
            made.append(taken(running, tmp_path))

    thread = threading.Thread(target=keep_taking)
    thread.start()
    try:
        for _ in range(6):
            epochs.rotate()
            rewrap(epochs)
    finally:
        stop.set()
        thread.join()
    assert len(made) > 6
    assert {gzip.decompress(path.read_bytes()).count(b"\n") for path in made} == {304}


def test_a_person_registered_after_the_backup_is_not_invented(
    running: Product, tmp_path: Path
) -> None:
    """Their key is loaded, but counts as announced only where the record says so."""
    customer = ask(running, registration()).ids["customer"]
    path = taken(running, tmp_path)
    with superuser(running) as connection:
        connection.execute("DELETE FROM keys.subject_key WHERE category = 'contact'")
    loaded(running, path)
    with superuser(running) as connection:
        rows = connection.execute(
            "SELECT category, announced FROM keys.subject_key WHERE subject = %s ORDER BY 1",
            (customer,),
        ).fetchall()
    assert rows == [("contact", False), ("identity", True)]
