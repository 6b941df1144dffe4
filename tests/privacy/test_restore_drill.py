"""The restore drill: what an old base backup gives away, before and after an epoch is destroyed.

A server of its own, `pg_basebackup` from the wheel, and a second server over the copy.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from infra.gate import SealedValue
from infra.home import Home
from infra.product import Product, assembled, now
from infra.record.migrate import migrate
from infra.servers import binaries, cluster, postgres
from infra.servers.owner import Addresses
from infra.vault.destroying import destroy_epoch
from infra.vault.epochs import Epochs, bound_to
from infra.vault.kek import KeyEncryptionKey, key_of
from infra.vault.rewrap import rewrap
from infra.vault.snapshot import load, take
from infra.vault.unavailable import KeysUnavailable
from tests.commands.erasing import erase
from tests.privacy.conftest import ask, registration
from tests.privacy.persons import name_of, reads
from tests.privacy.test_sealed_values import interaction

FAST = {"fsync": "off", "full_page_writes": "on", "autovacuum": "off"}


@dataclass
class Story:
    """Two people, of whom one is erased after the backup; what is left where."""

    backup: Path
    old_key: bytes
    snapshot: Path
    home: Home
    living: SealedValue
    erased: SealedValue
    wrapped: list[bytes]
    data_after: Path


@contextmanager
def served(home: Home) -> Iterator[Product]:
    server = postgres.start(home.pg, home.log / "postgres.log", FAST)
    try:
        migrate(server.url())
        addresses = Addresses(server.url(), "redis://127.0.0.1:1/0", owner=False)
        with assembled(home, addresses) as product:
            yield product
    finally:
        server.stop()


def epochs_of(product: Product) -> Epochs:
    assert product.epochs is not None
    return product.epochs


def base_backup(product: Product, target: Path) -> None:
    subprocess.run(
        [binaries.postgres() / "bin/pg_basebackup", "-d", product.addresses.database_url,
         "-D", target, "-X", "stream", "-c", "fast"],
        check=True, capture_output=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("drill")
    home = Home.at(folder / "live")
    with served(home) as product:
        living = ask(product, registration("Lea Lebend")).ids["customer"]
        erased = ask(product, registration("Egon Erased")).ids["customer"]
        for person in (living, erased):
            ask(product, interaction(person, "a word"))
        values = name_of(product, living), name_of(product, erased)
        assert [reads(product, value) for value in values] == ["Lea Lebend", "Egon Erased"]
        wrapped = wrapped_bytes(product, erased)
        base_backup(product, folder / "backup")
        erase(product, erased)
        old_key = (home.keys / "kek-1").read_bytes()
        epochs = epochs_of(product)
        assert epochs.rotate() == 2
        assert rewrap(epochs) == 3
        assert [reads(product, value) for value in values] == ["Lea Lebend", None]
        snapshot = take(epochs.connect, home.path / "key-snapshots", product.installation)
        destroy_epoch(product.record, epochs, 1, actor="cli:ann", at=now())
        assert [reads(product, value) for value in values] == ["Lea Lebend", None]
        with psycopg.connect(product.addresses.database_url, autocommit=True) as admin:
            admin.execute("VACUUM keys.subject_key")
            admin.execute("CHECKPOINT")
    return Story(folder / "backup", old_key, snapshot, home, *values, wrapped, home.pg)


def wrapped_bytes(product: Product, subject: UUID) -> list[bytes]:
    with psycopg.connect(product.addresses.database_url) as admin:
        rows = admin.execute(
            "SELECT wrapped FROM keys.subject_key WHERE subject = %s AND wrapped IS NOT NULL",
            (subject,),
        ).fetchall()
    return [bytes(row[0]) for row in rows]


@contextmanager
def restored(story: Story, folder: Path, *keys: str) -> Iterator[Product]:
    """The backup on a server of its own, with these files of the present keys folder."""
    home = Home.at(folder)
    home.pg.mkdir()
    shutil.copytree(story.backup, home.pg / "data")
    shutil.copy(story.home.pg / "password", home.pg / "password")
    owner = cluster.other_user(folder / "not there")
    if owner is not None:
        for path in (home.pg / "data", *(home.pg / "data").rglob("*")):
            os.chown(path, *owner, follow_symlinks=False)
    (home.pg / "data").chmod(0o700)
    for name in keys:
        if name == "kek-1":
            (home.keys / name).write_bytes(story.old_key)
        else:
            shutil.copy(story.home.keys / name, home.keys / name)
        (home.keys / name).chmod(0o600)
    with served(home) as product:
        yield product


class TestBeforeTheEpochIsDestroyed:
    """NEGATIVE CONTROL: what the destruction is for."""

    @pytest.mark.case("KY-01")
    def test_the_erased_person_is_readable_from_the_backup_with_the_old_key(
        self, story: Story, tmp_path: Path
    ) -> None:
        with restored(story, tmp_path / "home", "installation", "kek-1") as product:
            assert reads(product, story.erased) == "Egon Erased"
            assert reads(product, story.living) == "Lea Lebend"

    @pytest.mark.case("KY-01")
    def test_the_erasure_ledger_is_applied_again_before_anything_is_opened(
        self, story: Story, tmp_path: Path
    ) -> None:
        with restored(story, tmp_path / "home", "installation", "kek-1", "erased") as product:
            assert reads(product, story.erased) is None
            assert reads(product, story.living) == "Lea Lebend"
            assert wrapped_bytes(product, story.erased.subject) == []

    @pytest.mark.case("KY-01")
    def test_with_the_keys_folder_as_it_is_nothing_opens_until_the_snapshot_is_loaded(
        self, story: Story, tmp_path: Path
    ) -> None:
        keys = ("installation", "kek-1", "kek-2", "erased")
        with restored(story, tmp_path / "home", *keys) as product:
            for value in (story.erased, story.living):
                with pytest.raises(KeysUnavailable):
                    reads(product, value)


class TestAfterwards:
    @pytest.mark.case("KY-02")
    def test_nobody_is_readable_from_the_backup_alone(self, story: Story, tmp_path: Path) -> None:
        assert not (story.home.keys / "kek-1").exists()
        keys = sorted(path.name for path in story.home.keys.iterdir() if path.is_file())
        with restored(story, tmp_path / "home", *keys) as product:
            assert product.keys_missing == "kek-1 is missing from the keys folder"
            for value in (story.erased, story.living):
                with pytest.raises(KeysUnavailable):
                    reads(product, value)

    @pytest.mark.case("KY-02")
    def test_no_key_row_of_the_backup_unwraps_under_the_present_epoch(
        self, story: Story, tmp_path: Path
    ) -> None:
        keys = ("installation", "kek-2", "erased")
        with restored(story, tmp_path / "home", *keys) as product:
            epochs = epochs_of(product)
            kek = epochs.provider.kek(2)
            with psycopg.connect(product.addresses.database_url) as admin:
                rows = admin.execute(
                    "SELECT wrapped, format('%s|', 1)::bytea || uuid_send(subject) || '|'"
                    " || category::bytea || '|1' FROM keys.subject_key WHERE wrapped IS NOT NULL"
                ).fetchall()
            assert len(rows) == 3
            assert kek.unwrap([(bytes(w), bytes(bound)) for w, bound in rows]) == [None] * 3

    @pytest.mark.case("KY-02")
    @pytest.mark.parametrize("ledger", [("erased",), ()], ids=["with ledger", "without"])
    def test_with_the_current_snapshot_the_living_are_readable_and_the_erased_are_not(
        self, story: Story, tmp_path: Path, ledger: tuple[str, ...]
    ) -> None:
        home = tmp_path / "home"
        with restored(story, home, "installation", "kek-2", *ledger) as product:
            assert load(epochs_of(product).connect, story.snapshot, product.installation) == 3
        with served(Home.at(home)) as product:
            assert product.keys_missing is None
            assert reads(product, story.living) == "Lea Lebend"
            assert reads(product, story.erased) is None
            ask(product, interaction(story.living.subject, "and on it goes"))
            ask(product, registration("Neu"))


class TestBytesLeftBehind:
    @pytest.mark.case("KY-08")
    def test_the_wrapped_bytes_are_found_in_old_files_and_cannot_be_unwrapped(
        self, story: Story
    ) -> None:
        """In the log of the live server, after the row was destroyed, vacuumed and re-wrapped."""
        live, old = (
            found(story.data_after / "data", story.wrapped),
            found(story.backup, story.wrapped),
        )
        assert old, "the search finds what the backup is known to hold"
        assert any("pg_wal" in name for name in live), "deleting a row does not delete its bytes"
        assert not any("pg_wal" not in name for name in live), "nor are they in any table now"
        present = [path for path in story.home.keys.iterdir() if path.name.startswith("kek-")]
        assert [path.name for path in present] == ["kek-2"]
        assert story.old_key not in b"".join(path.read_bytes() for path in present)

    @pytest.mark.case("KY-08")
    def test_control_with_the_old_key_they_would_be(self, story: Story) -> None:
        kek = KeyEncryptionKey(key_of(story.old_key, "kek-1"))
        bound = [
            bound_to(1, story.erased.subject, category, 1)
            for category in ("identity", "contact", "content")
        ]
        opened = [kek.unwrap([(w, b)])[0] for w in story.wrapped for b in bound]
        assert sum(secret is not None for secret in opened) == 3


def found(data: Path, needles: list[bytes]) -> set[str]:
    """Files below a data folder that hold any of these bytes."""
    holding = set()
    for path in data.rglob("*"):
        if path.is_file():
            text = path.read_bytes()
            if any(needle in text for needle in needles):
                holding.add(str(path.relative_to(data)))
    return holding
