"""Nobody rewrites the record: not through the parent, not through a partition, not as superuser
with triggers switched to replica."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from infra.record.postgres import PostgresRecord
from tests.record.submissions import entries, submission

REWRITES = {
    "update": "UPDATE {table} SET actor = 'nobody'",
    "delete": "DELETE FROM {table}",
    "truncate": "TRUNCATE {table}",
    "truncate all": "TRUNCATE {table} CASCADE",
}


@pytest.fixture
def kept(postgres: PostgresRecord) -> list[int]:
    """A few events in every partition that a test can reach, and their positions."""
    (answer,) = postgres.append([submission(entries(uuid7(), 3))])
    return list(answer.positions)


def tables(admin: psycopg.Connection[Any]) -> list[str]:
    return [
        "es.events",
        *(
            f"es.{name}"
            for (name,) in admin.execute(
                "SELECT relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid"
                " WHERE inhparent = 'es.events'::regclass ORDER BY 1"
            )
        ),
    ]


@pytest.mark.parametrize("role", ["DEFAULT", "replica"])
@pytest.mark.parametrize("rewrite", REWRITES)
def test_no_rewrite_passes_anywhere(
    admin: psycopg.Connection[Any], kept: list[int], rewrite: str, role: str
) -> None:
    admin.execute(f"SET session_replication_role = {role}")
    names = tables(admin)
    assert len(names) == 10, "the parent and nine partitions: the first and eight ahead"
    refused = 0
    for table in names:
        empty = admin.execute(f"SELECT count(*) = 0 FROM {table}").fetchone() == (True,)
        try:
            admin.execute(REWRITES[rewrite].format(table=table))
        except psycopg.DatabaseError as fault:
            assert fault.sqlstate == "DS002"
            refused += 1
        else:
            assert empty
            assert not rewrite.startswith("truncate"), f"{table} was truncated"
    assert refused >= 2
    assert [p for (p,) in admin.execute("SELECT position FROM es.events ORDER BY 1")] == kept


@pytest.mark.parametrize("role", ["dossier_writer", "dossier_projector", "dossier_reader"])
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO es.events SELECT * FROM es.events",
        "INSERT INTO es.streams SELECT * FROM es.streams",
        "UPDATE es.events SET actor = 'x'",
        "UPDATE es.streams SET version = 9",
        "DELETE FROM es.events",
        "DELETE FROM es.streams",
        "TRUNCATE es.events",
        "UPDATE es.watermark SET position = 0",
        "SELECT setval('es.position_seq', 1)",
        "SELECT nextval('es.position_seq')",
        "ALTER TABLE es.events DISABLE TRIGGER ALL",
        "DROP TABLE es.events",
        "DELETE FROM trail.access",
        "UPDATE keys.fence SET fenced_at = now()",
    ],
)
def test_the_products_roles_may_not_even_try(
    admin: psycopg.Connection[Any], kept: list[int], role: str, statement: str
) -> None:
    admin.execute(f"SET ROLE {role}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        admin.execute(statement)
    assert kept


def test_only_the_writer_may_append(admin: psycopg.Connection[Any], kept: list[int]) -> None:
    allowed = {
        role
        for role in ("dossier_writer", "dossier_projector", "dossier_reader", "dossier_analyst")
        for (may,) in admin.execute(
            "SELECT has_function_privilege(%s, p.oid, 'EXECUTE') FROM pg_proc p"
            " WHERE p.proname = 'append_v1'",
            (role,),
        )
        if may
    }
    assert allowed == {"dossier_writer"}
    assert kept


def test_partitions_made_later_are_guarded_too(
    admin: psycopg.Connection[Any], postgres: PostgresRecord, kept: list[int]
) -> None:
    admin.execute("SELECT setval('es.position_seq', 9500000)")
    with postgres.connection() as connection:
        assert connection.execute("SELECT es.ensure_partitions()").fetchone() == (9,)
    postgres.append([submission(entries(uuid7(), 2))])
    assert len(tables(admin)) == 19
    for statement in REWRITES.values():
        with pytest.raises(psycopg.DatabaseError, match="append-only"):
            admin.execute(statement.format(table="es.events_000009"))
    assert kept


def test_the_trail_of_access_is_append_only(admin: psycopg.Connection[Any]) -> None:
    admin.execute(
        "INSERT INTO trail.access (actor, role, operation, purpose, decision, rule, subjects,"
        " fields, tokens, correlation) VALUES ('a', 'agent', 'open', 'p', 'deny', 'r',"
        " '{}', '{}', 0, gen_random_uuid())"
    )
    for statement in (
        "UPDATE trail.access SET actor = 'b'",
        "DELETE FROM trail.access",
        "TRUNCATE trail.access",
    ):
        with pytest.raises(psycopg.DatabaseError, match="append-only"):
            admin.execute(statement)
