"""The analysts' door: a database login that may read the schema `mart` and nothing else."""

from __future__ import annotations

import secrets
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from infra.home import Home, write_private

ROLE = "dossier_analyst"


def analyst_dsn(home: Home, database_url: str) -> str:
    """The address to connect with; the login is made the first time. Its password is in
    `credentials/analyst.password`, mode 0600."""
    parts = conninfo_to_dict(database_url)
    login = f"{parts['dbname']}_mart_login"
    file = home.credentials / "analyst.password"
    if not file.exists():
        write_private(file, secrets.token_urlsafe(24) + "\n")
    password = file.read_text("ascii").strip()
    with psycopg.connect(database_url, autocommit=True) as connection:
        known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (login,)).fetchone()
        verb = sql.SQL("CREATE" if known is None else "ALTER")
        name, secret, role = sql.Identifier(login), sql.Literal(password), sql.Identifier(ROLE)
        statement = sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, name, secret)
        connection.execute(statement)
        connection.execute(sql.SQL("GRANT {} TO {}").format(role, name))
    host = f"{parts.get('host', '127.0.0.1')}:{parts.get('port', 5432)}"
    return f"postgresql://{quote(login)}:{quote(password)}@{host}/{parts['dbname']}"
