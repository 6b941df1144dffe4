"""Re-wrapping: every key under the new epoch, none lost, whoever is killed and whoever writes."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from domain.personal import Category
from infra.product import Product
from infra.vault.keyring import KeyNotAsRecorded
from infra.vault.rewrap import Progress, RewrapUnderWay, rewrap
from tests.commands.erasing import erase
from tests.privacy.conftest import ask, registration
from tests.privacy.persons import alarms, many_keys, name_of, reads, superuser, unwrapped
from tests.privacy.test_sealed_values import interaction

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("rewrapping_program.py")


def rewrapped(product: Product) -> int:
    assert product.epochs is not None
    return rewrap(product.epochs)


def begin(product: Product, batch: int, deadly: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), str(product.home.path), product.addresses.database_url,
         str(batch), str(deadly)],
        cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def epochs_in_use(product: Product) -> dict[int, int]:
    with superuser(product) as connection:
        return dict(
            connection.execute(
                "SELECT epoch, count(*) FROM keys.subject_key WHERE wrapped IS NOT NULL"
                " GROUP BY epoch"
            ).fetchall()
        )


def heap_file(database: str) -> str:
    with psycopg.connect(database) as admin:
        row = admin.execute("SELECT pg_relation_filepath('keys.subject_key')").fetchone()
    assert row is not None
    return str(row[0])


class TestRewrapping:
    def test_wraps_every_key_under_the_new_epoch_and_changes_no_key(
        self, running: Product, erika: UUID
    ) -> None:
        many_keys(running, 250)
        before = unwrapped(running)
        assert running.epochs is not None
        assert running.epochs.rotate() == 2
        told: list[Progress] = []
        assert rewrap(running.epochs, told.append, batch=100) == 252
        assert unwrapped(running) == before
        assert epochs_in_use(running) == {2: 252}
        assert [(p.done, p.total) for p in told] == [(100, 252), (200, 252), (252, 252)]
        assert all(p.rate > 0 and p.left is not None for p in told)
        assert reads(running, name_of(running, erika)) == "Erika Mustermann"
        ask(running, interaction(erika, "and on it goes"))

    @pytest.mark.case("KY-08")
    def test_leaves_no_row_in_the_old_heap_file(
        self, running: Product, erika: UUID, database: str
    ) -> None:
        old = heap_file(database)
        assert running.epochs is not None
        running.epochs.rotate()
        rewrapped(running)
        assert heap_file(database) != old

    def test_again_does_nothing(self, running: Product, erika: UUID) -> None:
        assert rewrapped(running) == 0

    def test_keeps_the_rights_of_the_table(self, running: Product, database: str) -> None:
        asked = (
            "SELECT c.relacl::text, array_agg(a.attname || a.attacl::text ORDER BY a.attname)"
            " FILTER (WHERE a.attacl IS NOT NULL), pg_get_userbyid(c.relowner), c.reloptions"
            " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped"
            " WHERE c.oid = 'keys.subject_key'::regclass GROUP BY c.oid"
        )
        with psycopg.connect(database, autocommit=True) as admin:
            before = admin.execute(asked).fetchone()
            many_keys(running, 3)
            assert running.epochs is not None
            running.epochs.rotate()
            rewrapped(running)
            after = admin.execute(asked).fetchone()
            indexes = admin.execute(
                "SELECT indexname FROM pg_indexes WHERE schemaname = 'keys'"
                " AND tablename = 'subject_key'"
            ).fetchall()
        assert sorted(str(before)) == sorted(str(after))
        assert indexes == [("subject_key_pkey",)]

    def test_one_at_a_time(self, running: Product, database: str) -> None:
        with psycopg.connect(database, autocommit=True) as other:
            other.execute("SELECT pg_advisory_lock(4726)")
            with pytest.raises(RewrapUnderWay):
                rewrapped(running)

    def test_a_key_that_is_not_what_its_row_says_stops_it_and_the_old_table_stays(
        self, running: Product, erika: UUID, database: str
    ) -> None:
        assert running.epochs is not None
        running.epochs.rotate()
        with psycopg.connect(database, autocommit=True) as admin:
            admin.execute(
                "UPDATE keys.subject_key SET commitment = %s WHERE category = 'identity'",
                ("0" * 64,),
            )
        with pytest.raises(KeyNotAsRecorded):
            rewrapped(running)
        assert epochs_in_use(running) == {1: 2}
        assert alarms(running) == [("key-commitment", [erika])]


class TestKilled:
    @pytest.mark.parametrize("deadly", [1, 3, 5])
    def test_between_two_batches_it_goes_on_from_there(self, running: Product, deadly: int) -> None:
        many_keys(running, 500)
        before = unwrapped(running)
        assert running.epochs is not None
        running.epochs.rotate()
        with begin(running, 100, deadly) as process:
            assert process.wait(60) == -signal.SIGKILL
        assert epochs_in_use(running) == {1: 500}
        told: list[Progress] = []
        rewrap(running.epochs, told.append, batch=100)
        assert len(told) == 5 - deadly
        assert unwrapped(running) == before
        assert epochs_in_use(running) == {2: 500}

    def test_at_any_moment_nothing_is_lost(self, running: Product) -> None:
        many_keys(running, 4_000)
        before = unwrapped(running)
        assert running.epochs is not None
        running.epochs.rotate()
        chance = random.Random(7)
        for _ in range(6):
            with begin(running, 50) as process:
                assert process.stdout is not None
                process.stdout.readline()
                time.sleep(chance.uniform(0.0, 0.3))
                process.kill()
            assert len(unwrapped(running)) == 4_000
        rewrapped(running)
        assert unwrapped(running) == before
        assert epochs_in_use(running) == {2: 4_000}


def test_what_is_made_announced_restricted_and_destroyed_meanwhile_is_not_lost(
    running: Product,
) -> None:
    """Four threads register, write to, restrict and erase people during three re-wrappings."""
    many_keys(running, 3_000)
    assert running.epochs is not None
    stop = threading.Event()
    living: list[UUID] = []
    restricted: list[UUID] = []
    erased: list[UUID] = []
    failures: list[BaseException] = []

    def busy() -> None:
        try:
            while not stop.is_set():
                keep, limit, goes = (
                    ask(running, registration(f"P {uuid4()}")).ids["customer"] for _ in range(3)
                )
                ask(running, interaction(keep, "hello"))
                living.append(keep)
                running.keyring.restrict(limit, [Category.CONTACT])
                restricted.append(limit)
                erase(running, goes)
                erased.append(goes)
        except BaseException as fault:
            failures.append(fault)
            raise

    threads = [threading.Thread(target=busy) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for number in (2, 3, 4):
            assert running.epochs.rotate() == number
            assert rewrap(running.epochs, batch=200) >= 3_000
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert min(map(len, (living, restricted, erased))) >= 10
    keys = unwrapped(running)
    for person in living:
        assert {c for s, c, _ in keys if s == person} == {"identity", "contact", "content"}
    assert not {s for s, _, _ in keys} & set(erased)
    states = {(person, Category.CONTACT, 1): "restricted" for person in restricted}
    opened = running.keyring.for_opening(states)
    assert {reference: key.state for reference, key in opened.items()} == states
    assert epochs_in_use(running).keys() == {4}
    assert rewrapped(running) == 0
    for person in living[:5]:
        assert (reads(running, name_of(running, person)) or "").startswith("P ")
