"""Starting: with the right key, with a wrong one, with none, and from a database out of step."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from infra.doctor import examine
from infra.home import Home
from infra.product import Product, assembled
from infra.servers.owner import Addresses
from infra.servers.problem import ServerProblem
from infra.vault.ledger import ErasureLedger
from infra.vault.unavailable import KeysUnavailable
from tests.commands.erasing import erase
from tests.privacy.conftest import ask, registration
from tests.privacy.persons import name_of, reads


def addresses(database: str) -> Addresses:
    return Addresses(database_url=database, redis_url="redis://127.0.0.1:1/0", owner=False)


def keys_held(database: str) -> int:
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT count(*) FROM keys.subject_key").fetchone()
    assert row is not None
    return int(row[0])


def key_files(home: Home) -> list[str]:
    return sorted(path.name for path in home.keys.iterdir() if path.name.startswith("kek"))


@pytest.fixture
def left(home: Home, database: str) -> UUID:
    """A person in a database whose product has been closed."""
    with assembled(home, addresses(database)) as product:
        return ask(product, registration()).ids["customer"]


class TestKeyFile:
    def test_lies_beside_the_database_for_its_owner_only(self, home: Home, left: UUID) -> None:
        path = home.keys / "kek-1"
        assert path.stat().st_mode & 0o777 == 0o600
        assert len(bytes.fromhex(path.read_text())) == 32
        assert home.keys.stat().st_mode & 0o777 == 0o700

    def test_of_before_epochs_becomes_that_of_the_first(
        self, home: Home, database: str, left: UUID
    ) -> None:
        (home.keys / "kek-1").rename(home.keys / "kek")
        with assembled(home, addresses(database)) as product:
            assert reads(product, name_of(product, left)) == "Erika Mustermann"
        assert key_files(home) == ["kek-1"]


@pytest.mark.case("KY-10")
@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda path: path.unlink(), "kek-1 is missing from the keys folder"),
        (
            lambda path: path.write_text("00" * 32),
            "the key-encryption key of epoch 1 does not fit this database",
        ),
        (lambda path: path.write_text("not hexadecimal"), "kek-1 is not a key"),
        (lambda path: path.write_text("00" * 16), "kek-1 is not a 256-bit key"),
        (lambda path: path.write_bytes(b"\xff\x00"), "kek-1 is not a key"),
    ],
    ids=["missing", "wrong", "garbled", "short", "binary"],
)
def test_without_the_right_key_it_runs_without_personal_data_and_makes_no_key(
    home: Home, database: str, left: UUID, damage: object, says: str
) -> None:
    path = home.keys / "kek-1"
    kept = path.read_bytes()
    damage(path)  # type: ignore[operator]
    files, before = key_files(home), keys_held(database)
    with assembled(home, addresses(database)) as product:
        assert product.keys_missing == says
        with pytest.raises(KeysUnavailable):
            reads(product, name_of(product, left))
        with pytest.raises(KeysUnavailable):
            ask(product, registration("Max Beispiel"))
        assert product.record.stream_row(left) is not None, "the rest of it works"
        assert [c.fine for c in examine(product) if "key-encryption key" in c.says] == [False]
    assert (key_files(home), keys_held(database)) == (files, before)
    path.write_bytes(kept)
    with assembled(home, addresses(database)) as product:
        assert product.keys_missing is None
        assert reads(product, name_of(product, left)) == "Erika Mustermann"


@pytest.mark.case("KY-10")
def test_a_database_with_keys_and_no_known_answer_gets_no_first_epoch(
    home: Home, database: str, left: UUID
) -> None:
    """Somebody removed the known answer, so that any key would be taken for the right one."""
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("ALTER TABLE keys.epoch DISABLE TRIGGER ALL")
        admin.execute("DELETE FROM keys.epoch")
    (home.keys / "kek-1").unlink()
    with assembled(home, addresses(database)) as product:
        assert product.keys_missing == "the database has keys and no epoch they belong to"
    assert key_files(home) == []


@pytest.mark.case("KY-10")
def test_no_second_installation_key_is_made_for_people_on_record(
    home: Home, database: str, left: UUID
) -> None:
    """Outside names of those on record, and of those erased, would mean nothing under another."""
    path = home.keys / "installation"
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(ServerProblem, match="`installation` is missing"):
        with_product(home, database)
    assert not path.exists()
    path.write_bytes(kept)
    with assembled(home, addresses(database)) as product:
        assert reads(product, name_of(product, left)) == "Erika Mustermann"


def with_product(home: Home, database: str) -> None:
    with assembled(home, addresses(database)):
        pass


def test_two_that_start_at_once_agree_on_one_key(home: Home, database: str) -> None:
    with assembled(home, addresses(database)) as one, assembled(home, addresses(database)) as two:
        customer = ask(one, registration()).ids["customer"]
        assert reads(two, name_of(two, customer)) == "Erika Mustermann"


class TestRotationAtStart:
    def test_an_epoch_of_the_keys_folder_that_the_database_does_not_know_stops_everything(
        self, home: Home, database: str, left: UUID
    ) -> None:
        """A database from before a rotation: nobody wraps under its old epoch again."""
        (home.keys / "kek-2").write_text("11" * 32)
        before = keys_held(database)
        with assembled(home, addresses(database)) as product:
            assert product.keys_missing == (
                "the keys are of epoch 2, the database of epoch 1; load the current key snapshot"
            )
            with pytest.raises(KeysUnavailable):
                reads(product, name_of(product, left))
            with pytest.raises(KeysUnavailable):
                ask(product, registration("Max Beispiel"))
            assert product.epochs is not None
            assert product.epochs.rotate() == 3
        assert keys_held(database) == before
        with assembled(home, addresses(database)) as product:
            assert product.keys_missing is None

    def test_a_rotation_killed_half_way_is_finished_by_the_next(
        self, home: Home, database: str, left: UUID
    ) -> None:
        with psycopg.connect(database, autocommit=True) as admin:
            admin.execute("INSERT INTO keys.epoch (number, state) VALUES (2, 'prepared')")
        (home.keys / "kek-2").write_text("11" * 32)
        with assembled(home, addresses(database)) as product:
            assert product.keys_missing is None
            ask(product, registration("Max Beispiel"))
            assert product.epochs is not None
            assert product.epochs.rotate() == 2
        assert key_files(home) == ["kek-1", "kek-2"]

    def test_an_epoch_never_goes_back(self, running: Product, database: str) -> None:
        assert running.epochs is not None
        running.epochs.rotate()
        with psycopg.connect(database, autocommit=True) as admin:
            for attack in (
                "UPDATE keys.epoch SET state = 'current' WHERE number = 1",
                "UPDATE keys.epoch SET number = 3 WHERE number = 1",
                "DELETE FROM keys.epoch WHERE number = 2",
                "TRUNCATE keys.epoch",
            ):
                admin.execute("SET session_replication_role = 'replica'")
                with pytest.raises(psycopg.errors.Error, match="an epoch does not go back"):
                    admin.execute(attack)


class TestErasureLedger:
    def test_a_line_that_was_changed_stops_everything_personal(
        self, home: Home, database: str, left: UUID
    ) -> None:
        with assembled(home, addresses(database)) as product:
            product.keyring.destroy(left)
        path = home.keys / "erased"
        assert path.stat().st_mode & 0o777 == 0o600
        path.write_text(path.read_text().replace(str(left), str(UUID(int=1))))
        with assembled(home, addresses(database)) as product:
            assert product.keys_missing == "line 1 of the erasure ledger is not ours"

    def test_an_erasure_killed_before_the_database_knew_is_finished_at_the_next_start(
        self, home: Home, database: str, left: UUID
    ) -> None:
        with assembled(home, addresses(database)) as product:
            ErasureLedger(home.keys / "erased", product.installation).note(left, None)
            assert reads(product, name_of(product, left)) == "Erika Mustermann"
        with assembled(home, addresses(database)) as product:
            assert reads(product, name_of(product, left)) is None
            erase(product, left)
            row = product.record.stream_row(left)
            assert row is not None
            assert row[1] == "fenced"

    def test_a_last_line_cut_off_is_none_and_the_next_takes_its_place(
        self, running: Product, tmp_path: Path
    ) -> None:
        ledger = ErasureLedger(tmp_path / "erased", running.installation)
        ledger.note(UUID(int=1), None)
        whole = (tmp_path / "erased").read_bytes()
        for cut in (1, 40, len(whole) - 1):
            (tmp_path / "erased").write_bytes(whole + whole[:cut])
            assert [e.subject.int for e in ledger.entries()] == [1]
        ledger.note(UUID(int=2), None)
        assert [e.subject.int for e in ledger.entries()] == [1, 2]
