"""The trail of access by month: nothing is lost on the way, nobody rewrites a month, and months are
there before they begin."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from infra.doctor import examine
from infra.product import Product
from infra.record.keeper import keep
from infra.record.migrate import migrate, migrations
from infra.record.postgres import PostgresRecord
from tests.conftest import NUMBERS, new_database
from tests.privacy.at_the_gate import CARE, reader, value

MONTHS, BEFORE = "0017_access_by_month_and_duties.sql", 17
REWRITES = (
    "UPDATE {table} SET actor = 'nobody'",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
    "TRUNCATE {table} CASCADE",
)
INSERT = (
    "INSERT INTO trail.access (actor, role, operation, purpose, decision, rule, subjects, fields,"
    " tokens, correlation) SELECT 'staff:' || n, 'agent', 'open', 'dpv:CustomerCare', 'permit',"
    " 'r', ARRAY[gen_random_uuid()], '{{}}', n, gen_random_uuid() FROM generate_series(1, {n}) n"
)
ALL = "SELECT id, at, actor, subjects, tokens, correlation FROM trail.access ORDER BY id"


@pytest.fixture
def admin(database: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def partitions(admin: psycopg.Connection[Any]) -> list[str]:
    return [
        f"trail.{name}"
        for (name,) in admin.execute(
            "SELECT relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid"
            " WHERE inhparent = 'trail.access'::regclass ORDER BY 1"
        )
    ]


def one_row_each(admin: psycopg.Connection[Any]) -> list[str]:
    """A row in every partition, whenever its time is; the names of the partitions."""
    names = partitions(admin)
    for name in names:
        bound = admin.execute(
            "SELECT coalesce(substring(pg_get_expr(relpartbound, oid) FROM 'FROM \\(''([^'']+)'),"
            " '2026-01-01') FROM pg_class WHERE oid = %s::regclass",
            (name,),
        ).fetchone()
        assert bound is not None
        columns = "at, actor, role, operation, purpose, decision, rule, subjects, fields, tokens"
        admin.execute(
            f"INSERT INTO trail.access ({columns}, correlation) VALUES (%s, 'staff:7', 'agent',"
            " 'open', 'dpv:CustomerCare', 'deny', 'r', '{}', '{}', 1, gen_random_uuid())",
            (bound[0],),
        )
    return names


def test_an_installation_that_has_rows_keeps_every_one(
    server_addresses: dict[str, str], worker_id: str
) -> None:
    name = f"test_{worker_id}_{next(NUMBERS)}"
    with new_database(server_addresses["postgres"], name, "template1") as address:
        with psycopg.connect(address, autocommit=True) as admin:
            as_it_was(admin)
            admin.execute(INSERT.format(n=1000))
            rows = admin.execute(ALL).fetchall()
            assert len(rows) == 1000
        assert MONTHS in migrate(address)
        with psycopg.connect(address, autocommit=True) as admin:
            assert admin.execute(ALL).fetchall() == rows
            admin.execute("SET ROLE dossier_writer")
            admin.execute(INSERT.format(n=1))
            (new,) = admin.execute(ALL).fetchall()[1000:]
            assert new[0] > rows[-1][0], "numbers go on where they were"
        assert migrate(address) == []


def as_it_was(admin: psycopg.Connection[Any]) -> None:
    """The schema before the months, with what `migrate` keeps of it."""
    admin.execute(
        "CREATE TABLE public.dossier_migration (number int PRIMARY KEY, name text NOT NULL,"
        " sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
    )
    for number, name, sql in migrations():
        if number < BEFORE:
            admin.execute(sql.encode())
            admin.execute(
                "INSERT INTO public.dossier_migration VALUES"
                " (%s, %s, encode(sha256(convert_to(%s, 'UTF8')), 'hex'))",
                (number, name, sql),
            )


@pytest.mark.parametrize("role", ["DEFAULT", "replica"])
@pytest.mark.parametrize("rewrite", REWRITES)
def test_no_rewrite_passes_through_the_parent_or_any_month(
    admin: psycopg.Connection[Any], rewrite: str, role: str
) -> None:
    names = one_row_each(admin)
    assert len(names) >= 4
    rows = admin.execute(ALL).fetchall()
    assert len(rows) == len(names)
    admin.execute(f"SET session_replication_role = {role}")
    for table in ("trail.access", *names):
        with pytest.raises(psycopg.DatabaseError) as refused:
            admin.execute(rewrite.format(table=table).encode())
        assert refused.value.sqlstate == "DS002", table
    assert admin.execute(ALL).fetchall() == rows


def test_the_products_roles_reach_months_through_the_parent_only(
    admin: psycopg.Connection[Any],
) -> None:
    names = partitions(admin)
    for role in ("dossier_writer", "dossier_keys", "dossier_reader", "dossier_projector"):
        for name in names:
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"):
                held = admin.execute(
                    "SELECT has_table_privilege(%s, %s, %s)", (role, name, right)
                ).fetchone()
                assert held == (False,), (role, name, right)


def test_what_the_gate_notes_lies_in_the_month_it_is(
    running: Product, erika: UUID, admin: psycopg.Connection[Any]
) -> None:
    running.gate.open([value(running, erika)], reader(), CARE)
    where = admin.execute(
        "SELECT c.relname, a.actor, a.at < clock_timestamp() FROM trail.access a"
        " JOIN pg_class c ON c.oid = a.tableoid"
    ).fetchall()
    assert where == [("access_past", "staff:bob", True)]


def test_the_keeper_makes_the_months_ahead_and_the_doctor_misses_them(
    running: Product, admin: psycopg.Connection[Any]
) -> None:
    def missing() -> list[str]:
        return [c.says for c in examine(running) if not c.fine]

    migrate(running.addresses.database_url)  # gives rights to the database itself
    ahead = [name for name in partitions(admin) if not name.endswith("past")]
    assert len(ahead) == 3
    assert missing() == []
    for name in ahead:
        admin.execute(f"DROP TABLE {name}".encode())
    assert missing() == ["the trail of access has a partition for the coming month"]
    store, stop = PostgresRecord(running.addresses.database_url), threading.Event()
    keeper = threading.Thread(target=keep, args=(store, stop))
    keeper.start()
    try:
        for _ in range(200):
            if len(partitions(admin)) == 4:
                break
            stop.wait(0.05)
    finally:
        stop.set()
        keeper.join()
        store.close()
    assert partitions(admin) == [*sorted(ahead), "trail.access_past"]
    assert missing() == []


@pytest.mark.parametrize("taken", ["no_rewrite", "no_truncate"])
def test_the_doctor_finds_a_month_that_can_be_rewritten(
    running: Product, admin: psycopg.Connection[Any], taken: str
) -> None:
    month = partitions(admin)[0]
    admin.execute(f"ALTER TABLE {month} DISABLE TRIGGER {taken}".encode())
    wrong = [c.says for c in examine(running) if not c.fine]
    assert "every partition refuses UPDATE, DELETE and TRUNCATE, whatever the session says" in wrong
    assert f"more: {month}: trigger {taken} D es.refuse_rewrite" in wrong
