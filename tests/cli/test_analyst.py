"""The analysts' door: a login that reads the mart and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection, sql

from projections.catalogue import PROJECTIONS
from tests.cli.terminal import Terminal

FORBIDDEN = ("es", "keys", "trail", "ref", "read")
WRITES = (
    "INSERT INTO mart.customers (customer) VALUES (gen_random_uuid())",
    "UPDATE mart.customers SET kind = 'x'",
    "DELETE FROM mart.tickets",
    "CREATE TABLE mart.mine (a int)",
    "CREATE TABLE public.mine (a int)",
    "CREATE SCHEMA mine",
    "DROP VIEW mart.customers",
    "SET ROLE dossier_reader",
    "SET ROLE dossier_owner",
    "CREATE ROLE mine",
    "COPY mart.customers TO '/tmp/x'",
)


@pytest.fixture
def analyst(at_terminal: Terminal) -> Iterator[Connection[Any]]:
    at_terminal.customer(name="Ann Example")
    assert at_terminal.types("projections", "run").code == 0
    said = at_terminal.types("analyst", "dsn")
    assert (said.code, said.err) == (0, "")
    with psycopg.connect(said.out.strip(), autocommit=True) as connection:
        yield connection
    with psycopg.connect(at_terminal.database, autocommit=True) as connection:
        login = sql.Identifier(f"{connection.info.dbname}_mart_login")
        connection.execute(sql.SQL("DROP ROLE {}").format(login))


def test_every_read_model_is_there_and_says_what_its_columns_are(analyst: Connection[Any]) -> None:
    assert analyst.execute("SELECT count(*) FROM mart.customers").fetchone() == (1,)
    views = analyst.execute(
        "SELECT c.relname, obj_description(c.oid, 'pg_class') FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'mart'"
    ).fetchall()
    assert {name for name, _ in views} == {
        p.table.name for p in PROJECTIONS.values() if p.table.for_analysts
    }
    assert all(says for _, says in views)
    undescribed = analyst.execute(
        "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'mart'"
        " AND a.attnum > 0 AND col_description(c.oid, a.attnum) IS NULL"
    ).fetchall()
    assert undescribed == []


def test_no_token_is_in_what_it_reads(at_terminal: Terminal, analyst: Connection[Any]) -> None:
    (token,) = at_terminal.rows("SELECT name_token FROM read.customers")[0]
    columns = analyst.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid::regclass::text LIKE 'mart.%'"
    ).fetchall()
    assert not [name for (name,) in columns if "token" in name]
    for projection in (p for p in PROJECTIONS.values() if p.table.for_analysts):
        question = sql.SQL("SELECT v::text FROM mart.{} v")
        rows = analyst.execute(question.format(sql.Identifier(projection.table.name))).fetchall()
        assert not [row for (row,) in rows if token in row]


def test_the_record_the_keys_and_the_trail_are_closed(
    analyst: Connection[Any], at_terminal: Terminal, subtests: pytest.Subtests
) -> None:
    tables = at_terminal.rows(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p', 'v') AND (n.nspname IN"
        " ('es', 'keys', 'trail', 'ref', 'read') OR n.nspname LIKE 'p\\_%')"
    )
    assert {schema for schema, _ in tables} > set(FORBIDDEN)
    for schema, table in tables:
        with (
            subtests.test(f"{schema}.{table}"),
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            analyst.execute(sql.SQL("SELECT FROM {}").format(sql.Identifier(schema, table)))


def test_nothing_can_be_written_or_taken(
    analyst: Connection[Any], subtests: pytest.Subtests
) -> None:
    for statement in WRITES:
        with subtests.test(statement), pytest.raises(psycopg.errors.InsufficientPrivilege):
            analyst.execute(statement.encode())


def test_asked_again_the_login_stays_the_same(
    at_terminal: Terminal, analyst: Connection[Any]
) -> None:
    first, second = (at_terminal.types("analyst", "dsn").out for _ in range(2))
    assert first == second
    (at_terminal.home.credentials / "analyst.password").unlink()
    changed = at_terminal.types("analyst", "dsn").out
    assert changed != first
    psycopg.connect(changed.strip()).close()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(first.strip())
