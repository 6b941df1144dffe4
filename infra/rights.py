"""What the login at a named database has to be allowed, and the SQL that allows it.

The product makes its roles itself where it may. On a server of somebody else's it often may not:
then an administrator makes them once, and the login hands them on to itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import Connection, sql

from infra.analyst import ROLE as ANALYST
from infra.analyst import login_of, password_of
from infra.home import Home

ROLES = ("dossier_owner", "dossier_writer", "dossier_projector", "dossier_reader", ANALYST)


def rights_missing(home: Home, database_url: str) -> list[str]:
    """Statements for the database's administrator, none where nothing is missing.

    The analysts' password is in them only as its SCRAM verifier (RFC 5802).
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        if _one(
            connection,
            "SELECT rolsuper OR (rolcreaterole AND has_database_privilege(current_database(),"
            " 'CREATE WITH GRANT OPTION') AND has_schema_privilege('public', 'CREATE'))"
            " FROM pg_roles WHERE rolname = current_user",
        ):
            return []
        return [statement.as_string(connection) + ";" for statement in _missing(home, connection)]


def _missing(home: Home, connection: Connection[Any]) -> Iterator[sql.Composed]:
    login = sql.Identifier(connection.info.user)
    database = sql.Identifier(connection.info.dbname)
    creates = _one(connection, "SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user")
    for name in ROLES if not creates else ():
        role = sql.Identifier(name)
        if not _one(connection, "SELECT true FROM pg_roles WHERE rolname = %s", name):
            yield sql.SQL("CREATE ROLE {} NOLOGIN").format(role)
        elif _one(connection, "SELECT pg_has_role(%s, 'SET WITH ADMIN OPTION')", name):
            continue
        yield sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(role, login)
    if not _one(
        connection,
        "SELECT has_database_privilege(current_database(), 'CREATE WITH GRANT OPTION')",
    ):
        yield sql.SQL("GRANT CREATE ON DATABASE {} TO {} WITH GRANT OPTION").format(database, login)
    if not _one(connection, "SELECT has_schema_privilege('public', 'CREATE')"):
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
