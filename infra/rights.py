"""What the login at a named database has to be allowed, and the SQL that allows it.

The product makes its roles itself where it may. On a server of somebody else's it often may not:
then an administrator makes them once, and the login hands them on to itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import Connection, sql

from infra.analyst import login_of, password_of
from infra.home import Home
from infra.record.migrate import migrations

OTHERS = ("dossier_auditor", "dossier_backup")
"""Roles people log in for themselves; the product has no need to be a member."""


def roles() -> list[str]:
    """Every role the migrations make."""
    named = (re.findall(r"'(dossier_[a-z_]+)'", statements) for _, _, statements in migrations())
    return sorted(set().union(*named))


def rights_missing(home: Home, database_url: str) -> list[str]:
    """Statements for the database's administrator, none where nothing is missing.

    The analysts' password is in them only as its SCRAM verifier (RFC 5802).
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        if _one(connection, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
            return []
        return [statement.as_string(connection) + ";" for statement in _missing(home, connection)]


def _missing(home: Home, connection: Connection[Any]) -> Iterator[sql.Composed]:
    login = sql.Identifier(connection.info.user)
    database = sql.Identifier(connection.info.dbname)
    creates = _one(connection, "SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user")
    for name in () if creates else roles():
        role = sql.Identifier(name)
        if not _one(connection, "SELECT true FROM pg_roles WHERE rolname = %s", name):
            yield sql.SQL("CREATE ROLE {} NOLOGIN").format(role)
        elif name in OTHERS or _one(
            connection, "SELECT pg_has_role(%s, 'SET WITH ADMIN OPTION')", name
        ):
            continue
        if name not in OTHERS:
            yield sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(role, login)
    if not _one(
        connection,
        "SELECT pg_has_role(datdba, 'MEMBER') FROM pg_database WHERE datname = current_database()",
    ):
        yield sql.SQL("ALTER DATABASE {} OWNER TO {}").format(database, login)
    if not _one(
        connection,
        "SELECT nspowner = 'pg_database_owner'::regrole OR has_schema_privilege(oid, 'CREATE')"
        " FROM pg_namespace WHERE nspname = 'public'",
    ):
        yield sql.SQL("GRANT USAGE, CREATE ON SCHEMA public TO {}").format(login)
    analyst = login_of(connection.info.dbname)
    if not creates and not _one(
        connection, "SELECT true FROM pg_roles WHERE rolname = %s AND rolcanlogin", analyst
    ):
        verifier = connection.pgconn.encrypt_password(
            password_of(home).encode(), analyst.encode(), b"scram-sha-256"
        )
        yield sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
            sql.Identifier(analyst), sql.Literal(verifier.decode())
        )


def _one(connection: Connection[Any], question: str, *parameters: str) -> bool:
    row = connection.execute(question.encode(), parameters).fetchone()
    return row is not None and row[0] is True
