"""A build: the tables of one projection, in a schema of their own, numbered from 1.

Readers see the live build through views: `read.<table>` with everything, `mart.<table>` without
sealed columns for analysts, who see the rows of their markets. Logins of a scope see the rows of
theirs in `read` (`row_rules.py`). A switch to another build is one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import Connection

from infra.projector.row_rules import DECIDING, allow_readers, customers_in_scope
from projections.projection import Projection
from projections.table import Column, Table

ROLE = "dossier_projector"
MART = "dossier_mart"
VIEWS = 4
"""How views and row rules are arranged; another number has every build made anew."""
SILENT_SECONDS = 60
LIVE, BUILDING, RETIRED = "live", "building", "retired"
Projections = Mapping[str, Projection[Any]]


class NoSuchProjection(Exception):
    """There is no projection of this name."""


@dataclass(frozen=True, slots=True)
class Build:
    projection: Projection[Any]
    number: int

    @property
    def schema(self) -> str:
        return f"p_{self.projection.name}_v{self.number}"


@contextmanager
def connected(dsn: str) -> Iterator[Connection[tuple[Any, ...]]]:
    """A connection of its own in the projector's role. Raises psycopg.OperationalError."""
    with psycopg.connect(dsn, autocommit=True, application_name="dossier projector") as connection:
        connection.execute(f"SET ROLE {ROLE}")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET client_min_messages = warning")
        # Whoever hangs, or whose machine is gone, loses what it holds, and another takes over.
        for held in ("idle_session", "idle_in_transaction_session"):
            connection.execute(f"SET {held}_timeout = '{SILENT_SECONDS}s'")
        for often in ("idle", "interval"):
            connection.execute(f"SET tcp_keepalives_{often} = {SILENT_SECONDS // 3}")
        connection.execute("SET tcp_keepalives_count = 2")
        # By index, whatever the statistics say of tables that were empty a moment ago: sorting all
        # that is left, for every batch, made catching up quadratic.
        for plan in ("seqscan", "bitmapscan", "sort"):
            connection.execute(f"SET enable_{plan} = off")
        yield connection


@contextmanager
def building(
    connection: Connection[Any], projection: Projection[Any], *, wait: bool = True
) -> Iterator[bool]:
    """One process at a time begins a build of a projection; another waits, or is told False."""
    digest = sha256(f"dossier builds {projection.name}".encode()).digest()
    key = int.from_bytes(digest[:8], "big", signed=True)
    mine = True
    if wait:
        connection.execute("SELECT pg_advisory_lock(%s)", (key,))
    else:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (key,)).fetchone()
        mine = row is not None and bool(row[0])
    try:
        yield mine
    finally:
        if mine and not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(%s)", (key,))


def fingerprint(projection: Projection[Any]) -> str:
    """What a build was made from; it differs when tables or their fold have changed since."""
    definition = "\n".join(projection.table.definition("p"))
    return sha256(f"{projection.version}\n{VIEWS}\n{definition}".encode()).hexdigest()[:16]


def live(connection: Connection[Any], projection: Projection[Any]) -> Build | None:
    row = connection.execute(
        "SELECT version FROM es.projection WHERE name = %s AND state = 'live'", (projection.name,)
    ).fetchone()
    return row and Build(projection, row[0])


def is_current(connection: Connection[Any], build: Build) -> bool:
    """Whether this build was made from the projection as it is now."""
    row = connection.execute(
        "SELECT obj_description(to_regnamespace(%s)::oid, 'pg_namespace')", (build.schema,)
    ).fetchone()
    return row is not None and row[0] == fingerprint(build.projection)


def kept(connection: Connection[Any], projection: Projection[Any]) -> Build | None:
    """The newest build made from the projection as it is now that is not shown: one on its way, or
    one that was shown before."""
    for (number,) in connection.execute(
        "SELECT version FROM es.projection WHERE name = %s AND state <> %s ORDER BY version DESC",
        (projection.name, LIVE),
    ).fetchall():
        if is_current(connection, Build(projection, number)):
            return Build(projection, number)
    return None


def begin(connection: Connection[Any], projection: Projection[Any]) -> Build:
    """An empty build under the next number. What an earlier one that was given up left goes."""
    with connection.transaction():
        _lock(connection)
        for (number,) in connection.execute(
            "SELECT version FROM es.projection WHERE name = %s AND state = %s",
            (projection.name, BUILDING),
        ).fetchall():
            drop(connection, Build(projection, number))
        row = connection.execute(
            "SELECT coalesce(max(version), 0) + 1 FROM es.projection WHERE name = %s",
            (projection.name,),
        ).fetchone()
        assert row is not None
        build = Build(projection, row[0])
        # By who logged in: a restored copy of a database forgets what a role may do in it.
        connection.execute("RESET ROLE")
        connection.execute(f"CREATE SCHEMA {build.schema} AUTHORIZATION {ROLE}")
        connection.execute(f"SET ROLE {ROLE}")
        connection.execute(f"COMMENT ON SCHEMA {build.schema} IS '{fingerprint(projection)}'")
        late = projection.table.late(build.schema)
        first = [line for line in projection.table.definition(build.schema) if line not in late]
        connection.execute(_at_once(first))
        key = (projection.name, build.number)
        connection.execute("INSERT INTO es.projection VALUES (%s, %s, 'building')", key)
        connection.execute("INSERT INTO es.tracking VALUES (%s, %s, 0)", key)
    return build


def complete(connection: Connection[Any], build: Build) -> None:
    """Makes the indexes that readers use, once a build is nearly there; all of them or none."""
    table = build.projection.table
    row = connection.execute(
        "SELECT count(*) FROM pg_indexes WHERE schemaname = %s AND tablename = %s",
        (build.schema, table.name),
    ).fetchone()
    if row is not None and row[0] <= len(table.indexes):
        connection.execute(_at_once(table.late(build.schema)) or "SELECT")


def switch(connection: Connection[Any], build: Build) -> None:
    """Readers see this build from the commit on. In a transaction.

    The one before is dropped; if it was made from another version it is kept, until the next
    switch, for a release that would switch back.
    """
    _lock(connection)
    before = live(connection, build.projection)
    table = build.projection.table
    for schema in ("read", "mart"):
        connection.execute(f"DROP VIEW IF EXISTS {schema}.{table.name}")
    if build.projection.name in DECIDING:
        shown = _live(connection) | {build.projection.name: build.number}
        customers_in_scope(connection, shown, build.projection.name)
    for (number,) in connection.execute(
        "SELECT version FROM es.projection WHERE name = %s AND state = %s AND version <> %s",
        (build.projection.name, RETIRED, build.number),
    ).fetchall():
        drop(connection, Build(build.projection, number))
    if before is not None and is_current(connection, before):
        drop(connection, before)
    elif before is not None:
        _put(connection, before, RETIRED)
    _put(connection, build, LIVE)
    _views(connection, build)


def _put(connection: Connection[Any], build: Build, state: str) -> None:
    connection.execute(
        "UPDATE es.projection SET state = %s WHERE name = %s AND version = %s",
        (state, build.projection.name, build.number),
    )


def _live(connection: Connection[Any]) -> dict[str, int]:
    rows = connection.execute("SELECT name, version FROM es.projection WHERE state = %s", (LIVE,))
    return dict(rows.fetchall())


def drop(connection: Connection[Any], build: Build) -> None:
    connection.execute(f"DROP SCHEMA IF EXISTS {build.schema} CASCADE")
    for table in ("parked", "tracking", "projection"):
        connection.execute(
            f"DELETE FROM es.{table} WHERE name = %s AND version = %s",
            (build.projection.name, build.number),
        )


def _views(connection: Connection[Any], build: Build) -> None:
    table = build.projection.table
    base = f"{build.schema}.{table.name}"
    for (policy,) in connection.execute(
        "SELECT policyname FROM pg_policies WHERE schemaname = %s AND tablename = %s",
        (build.schema, table.name),
    ).fetchall():
        connection.execute(f"DROP POLICY {policy} ON {base}")
    readers = allow_readers(connection, table, base)
    _view(connection, "read", build, table.columns, readers, "WITH (security_invoker)")
    if not table.for_analysts:
        return
    clear = [column for column in table.columns if not column.sealed]
    names = ", ".join(column.name for column in clear)
    connection.execute(
        f"CREATE POLICY by_market ON {base} FOR SELECT TO {MART} USING ({_row_rule(table)})"
    )
    connection.execute(f"GRANT USAGE ON SCHEMA {build.schema} TO {MART}")
    connection.execute(f"GRANT SELECT ({names}) ON {base} TO {MART}")
    connection.execute(f"SET ROLE {MART}")
    _view(connection, "mart", build, clear, "dossier_analyst, dossier_reader")
    connection.execute(f"SET ROLE {ROLE}")


def _view(
    connection: Connection[Any],
    schema: str,
    build: Build,
    columns: Sequence[Column],
    readers: str,
    options: str = "",
) -> None:
    table = build.projection.table
    view, names = f"{schema}.{table.name}", ", ".join(column.name for column in columns)
    connection.execute(
        _at_once(
            (
                f"CREATE VIEW {view} {options} AS SELECT {names} FROM {build.schema}.{table.name}",
                f"GRANT SELECT ON {view} TO {readers}",
                f"COMMENT ON VIEW {view} IS {_quoted(table.says)}",
                *(f"COMMENT ON COLUMN {view}.{c.name} IS {_quoted(c.says)}" for c in columns),
            )
        )
    )


def _at_once(statements: Iterable[str]) -> str:
    """In one round trip: a table has a statement for every column."""
    return ";\n".join(statements)


def _row_rule(table: Table[Any]) -> str:
    """Which rows an analyst sees: those of the markets of who logged in, and none about staff. A
    table that does not say a row's market is for those who may see all. Never by a setting: an
    analyst could set it."""
    named = {column.name for column in table.columns}
    mine = "SELECT m.market FROM ref.analyst_market m WHERE m.login = session_user"
    rule = f"'*' IN ({mine})"
    if "market" in named:
        rule = f"({rule} OR market IN ({mine}))"
    return f"{rule} AND kind <> 'staff'" if "kind" in named else rule


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _lock(connection: Connection[Any]) -> None:
    """One begins or switches at a time."""
    connection.execute("SELECT pg_advisory_xact_lock(4726)")
