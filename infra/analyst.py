"""The analysts' door: a database login that may read the schema `mart` and nothing else."""

from __future__ import annotations

import secrets
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from infra.home import Home, write_private

ROLE = "dossier_analyst"


def login_of(database: str) -> str:
    return f"{database}_mart_login"


def password_of(home: Home) -> str:
    """Kept in `credentials/analyst.password`, mode 0600; made the first time."""
    file = home.credentials / "analyst.password"
    if not file.exists():
        write_private(file, secrets.token_urlsafe(24) + "\n")
    return file.read_text("ascii").strip()


def analyst_dsn(home: Home, database_url: str) -> str:
    """The address to connect with; the login is made the first time.

    Raises psycopg.errors.InsufficientPrivilege where our own login may not make it and nobody has.
    """
    parts = conninfo_to_dict(database_url)
    login, password = login_of(str(parts["dbname"])), password_of(home)
    host = f"{parts.get('host', '127.0.0.1')}:{parts.get('port', 5432)}"
    address = f"postgresql://{quote(login)}:{quote(password)}@{host}/{parts['dbname']}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (login,)).fetchone()
        name, role = sql.Identifier(login), sql.Identifier(ROLE)
        member = sql.SQL("GRANT {} TO {}").format(role, name)
        if known is not None:
            connection.execute(member)  # the right to connect comes with it
        if known is None or not _opens(address):
            verb = sql.SQL("CREATE" if known is None else "ALTER")
            statement = sql.SQL("{} ROLE {} LOGIN PASSWORD {}")
            connection.execute(statement.format(verb, name, sql.Literal(password)))
        connection.execute(member)
        connection.execute("SET ROLE dossier_writer")
        connection.execute(
            "INSERT INTO ref.analyst_market (login, market) SELECT %s, '*' WHERE NOT EXISTS"
            " (SELECT FROM ref.analyst_market WHERE login = %s)",
            (login, login),
        )
    return address


def _opens(address: str) -> bool:
    try:
        psycopg.connect(address, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
