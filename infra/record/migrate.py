"""Brings a database's schema to this release: numbered SQL files, applied once, never edited.

One runner at a time per server (advisory lock), each file in a transaction of its own, its
SHA-256 kept: a file that was changed after it was applied is refused by name. Read models have no
migrations; a projection's tables are built from the record.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files

import psycopg

LOCK = 4721


class MigrationEdited(Exception):
    """A migration that this database already has is not the one it was given then."""


class DatabaseIsNewer(Exception):
    """This database was migrated by a newer release."""


def migrations() -> list[tuple[int, str, str]]:
    """Number, name and SQL of every migration, in order."""
    folder = files("infra.record") / "migrations"
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(".sql"))
    return [(int(name[:4]), name, (folder / name).read_text("utf-8")) for name in names]


def migrate(dsn: str) -> list[str]:
    """Applies what is missing; the names of the files applied.

    Raises MigrationEdited, DatabaseIsNewer, or psycopg's error for a database that refuses.
    """
    applied = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        connection.execute(
            "CREATE TABLE IF NOT EXISTS public.dossier_migration (number int PRIMARY KEY,"
            " name text NOT NULL, sha256 text NOT NULL,"
            " applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
        )
        rows = connection.execute("SELECT number, name, sha256 FROM public.dossier_migration")
        present = {number: (name, digest) for number, name, digest in rows}
        known = migrations()
        if newer := present.keys() - {number for number, _, _ in known}:
            raise DatabaseIsNewer(f"this release does not know migration {min(newer)}")
        for number, name, sql in known:
            digest = sha256(sql.encode()).hexdigest()
            if number in present:
                if present[number][1] != digest:
                    raise MigrationEdited(f"{name} was changed after it was applied")
                continue
            with connection.transaction():
                connection.execute(sql.encode())
                connection.execute(
                    "INSERT INTO public.dossier_migration (number, name, sha256)"
                    " VALUES (%s, %s, %s)",
                    (number, name, digest),
                )
            applied.append(name)
        rights = files("infra.record") / "database_rights.sql"
        connection.execute(rights.read_text("utf-8").encode())
    return applied
