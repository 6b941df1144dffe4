"""What each database role may do, and what not: tried, not read."""

from __future__ import annotations

import psycopg
import pytest

from tests.projections.shop import Shop
from tests.projections.staff import hired

ALLOWED = {
    "dossier_auditor": ["SELECT count(*) FROM es.events", "SELECT count(*) FROM trail.login",
                        "SELECT count(*) FROM trail.access", "SELECT count(*) FROM es.streams"],
    "dossier_keys": ["SELECT count(*) FROM keys.subject_key", "SELECT count(*) FROM keys.epoch"],
    "dossier_writer": ["SELECT count(*) FROM es.events", "SELECT count(*) FROM keys.credential"],
    "dossier_projector": ["SELECT count(*) FROM es.events"],
    "dossier_reader": ["SELECT count(*) FROM read.customers"],
}  # fmt: skip
REFUSED = {
    "dossier_auditor": [
        "SELECT * FROM keys.subject_key", "SELECT * FROM keys.credential",
        "SELECT * FROM read.customers", "SELECT * FROM ref.external", "SELECT * FROM es.inbox",
        "INSERT INTO trail.login (decision, method, rule) VALUES ('permit', 'token', 'x')",
        "SELECT es.watermark_v1()", "UPDATE es.streams SET status = 'closed'",
        "DELETE FROM trail.access", "CREATE TABLE es.mine (a int)",
        "CREATE TEMP TABLE mine (a int)",
    ],
    "dossier_writer": [
        "INSERT INTO es.events (position) VALUES (1)", "UPDATE es.events SET actor = 'x'",
        "DELETE FROM es.events", "TRUNCATE es.events", "UPDATE es.streams SET version = 1",
        "SELECT * FROM keys.subject_key", "UPDATE keys.subject_key SET state = 'active'",
        "UPDATE trail.access SET actor = 'x'", "DELETE FROM keys.credential",
        "UPDATE keys.credential SET roles = '{crm_admin}'", "CREATE SCHEMA mine",
    ],
    "dossier_keys": [
        "SELECT * FROM keys.credential", "SELECT * FROM es.inbox", "SELECT * FROM read.customers",
        "INSERT INTO es.events (position) VALUES (1)", "DELETE FROM keys.subject_key",
        "UPDATE keys.subject_key SET commitment = 'x'", "DELETE FROM keys.fence",
    ],
    "dossier_projector": [
        "SELECT * FROM keys.subject_key", "SELECT * FROM keys.credential",
        "INSERT INTO es.events (position) VALUES (1)", "SELECT * FROM ref.external",
        "INSERT INTO trail.login (decision, method, rule) VALUES ('permit', 'token', 'x')",
    ],
    "dossier_reader": [
        "SELECT * FROM keys.subject_key", "UPDATE read.customers SET market = 'DE'",
        "INSERT INTO trail.login (decision, method, rule) VALUES ('permit', 'token', 'x')",
    ],
    "dossier_analyst": [
        "SELECT * FROM es.events", "SELECT * FROM keys.credential", "SELECT * FROM trail.login",
        "SELECT * FROM read.customers", "SELECT * FROM public.dossier_migration",
        "CREATE TABLE public.mine (a int)", "SELECT * FROM ref.analyst_market",
    ],
    "dossier_backup": [
        "SELECT * FROM es.events", "SELECT * FROM keys.subject_key", "SELECT * FROM mart.customers",
    ],
    "dossier_mart": [
        "SELECT * FROM es.events", "SELECT * FROM keys.subject_key", "SELECT * FROM ref.external",
        "INSERT INTO ref.analyst_market VALUES ('x', '*')",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def staffed(lasting_shop: Shop) -> Shop:
    hired(lasting_shop)
    lasting_shop.catch_up()
    return lasting_shop


def test_what_each_may_do(staffed: Shop, subtests: pytest.Subtests) -> None:
    with psycopg.connect(staffed.dsn, autocommit=True) as connection:
        for role, statements in ALLOWED.items():
            connection.execute(f"SET ROLE {role}".encode())
            for statement in statements:
                with subtests.test(role=role, statement=statement):
                    assert connection.execute(statement.encode()).fetchone() is not None


def test_and_what_not(staffed: Shop, subtests: pytest.Subtests) -> None:
    with psycopg.connect(staffed.dsn, autocommit=True) as connection:
        for role, statements in REFUSED.items():
            connection.execute(f"SET ROLE {role}".encode())
            for statement in statements:
                with (
                    subtests.test(role=role, statement=statement),
                    pytest.raises(psycopg.errors.InsufficientPrivilege),
                ):
                    connection.execute(statement.encode())


def test_a_backup_role_may_copy_files_and_nothing_else(staffed: Shop) -> None:
    with psycopg.connect(staffed.dsn) as connection:
        row = connection.execute(
            "SELECT rolreplication, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole"
            " FROM pg_roles WHERE rolname = 'dossier_backup'"
        ).fetchone()
    assert row == (True, False, False, False, False)
