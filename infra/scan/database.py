"""The database: every table of every schema, what the planner keeps of them, and a dump.

Tables are read in COPY's binary form, in which a text is its UTF-8, a bytea its bytes and a jsonb
its text, decompressed by the server; what has no binary form is read as text. A dump goes through
a pipe and is never kept.
"""

from __future__ import annotations

import os
import struct
import subprocess
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict

from infra.scan.pouring import pour, restored
from infra.scan.report import Heard, Store
from infra.scan.spelling import Spellings
from infra.scan.stream import Stream
from infra.servers import binaries
from infra.servers.problem import ServerProblem

BLOCK = 1 << 20
PATIENCE = 10
LOOKED_AT_CLOSELY = 20
"""Blocks of a table in which columns are told apart; in later ones it is the table that is told."""
_HEADER = b"PGCOPY\n\xff\r\n\0"
VIEWS = ("pg_stats", "pg_stats_ext", "pg_stats_ext_exprs", "pg_stat_activity")
"""What is a view in the catalogue and shows values; the tables behind them are read as well."""


class Table(NamedTuple):
    schema: str
    name: str
    columns: Sequence[str]

    @property
    def place(self) -> str:
        return f"{self.schema}.{self.name}"


def scan_tables(dsn: str, spellings: Spellings, heard: Heard) -> Iterator[Store]:
    """Two stores: tables (the catalogue's among them), and the planner's statistics."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"SET lock_timeout = '{PATIENCE}s'")
        yield _read(connection, "tables", _tables(connection), spellings, heard)
        views = [Table("pg_catalog", view, ()) for view in VIEWS]
        yield _read(connection, "statistics", views, spellings, heard)


def _tables(connection: Connection[Any]) -> list[Table]:
    rows = connection.execute(
        "SELECT n.nspname, c.relname, array_agg(a.attname ORDER BY a.attnum)::text[]"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relkind IN ('r', 'm') AND n.nspname NOT LIKE 'pg_toast%'"
        " GROUP BY 1, 2 ORDER BY 1, 2"
    )
    return [Table(*row) for row in rows]


def _read(
    connection: Connection[Any],
    name: str,
    tables: Sequence[Table],
    spellings: Spellings,
    heard: Heard,
) -> Store:
    store = Store(name, says="read through SQL, decompressed")
    begun = time.monotonic()
    for table in tables:
        try:
            _read_table(connection, table, store, spellings)
        except psycopg.errors.UndefinedTable:
            continue  # gone since the list was made
        except psycopg.errors.InsufficientPrivilege:
            store.skip(table.place, "this login may not read it")
        except psycopg.errors.LockNotAvailable:
            store.skip(table.place, f"it was locked for {PATIENCE} seconds")
        store.objects += 1
        heard(name, store.bytes)
    store.seconds = time.monotonic() - begun
    return store


def _read_table(
    connection: Connection[Any], table: Table, store: Store, spellings: Spellings
) -> None:
    try:
        _copy(connection, table, store, spellings, binary=True)
    except (psycopg.errors.UndefinedFunction, psycopg.errors.FeatureNotSupported):
        _copy(connection, table, store, spellings, binary=False)


def _copy(
    connection: Connection[Any], table: Table, store: Store, spellings: Spellings, *, binary: bool
) -> None:
    query = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT (FORMAT {})").format(
        sql.Identifier(table.schema, table.name), sql.SQL("binary" if binary else "text")
    )
    rows: list[bytes] = []
    held = 0
    fresh: list[tuple[int, str]] = []
    stream = Stream(
        spellings,
        lambda number, through: fresh.append((number, through)),
        lambda why: store.skip(table.place, why),
    )

    closely = LOOKED_AT_CLOSELY if binary else 0

    def look() -> None:
        nonlocal closely
        stream.feed(b"".join(rows))
        closely -= bool(fresh)
        for number, through in set(fresh):
            for column in _columns(table, rows, number, spellings) if closely >= 0 else [""]:
                place = f"{table.place}.{column}" if column else table.place
                store.note(place, number, through)
        fresh.clear()
        rows.clear()

    with connection.cursor() as cursor, cursor.copy(query) as copy:
        for row in copy:
            rows.append(bytes(row))
            held += len(row)
            store.bytes += len(row)
            if held >= BLOCK:
                look()
                held = 0
        look()
        stream.close()
        look()


def _columns(table: Table, rows: Sequence[bytes], number: int, spellings: Spellings) -> list[str]:
    """In which columns of these rows a needle stands; one empty name if that cannot be told."""
    columns: dict[str, None] = {}
    for row in rows:
        for position, value in enumerate(_fields(row)):
            numbers: list[int] = []
            one = Stream(spellings, lambda n, _, numbers=numbers: numbers.append(n))  # type: ignore[misc]
            one.feed(value)
            one.close()
            if number in numbers:
                known = position < len(table.columns)
                columns[table.columns[position] if known else f"column {position + 1}"] = None
    return list(columns) or [""]


def _fields(row: bytes) -> Iterator[bytes]:
    at = len(_HEADER) + 8 if row.startswith(_HEADER) else 0
    if len(row) < at + 2:
        return
    (count,) = struct.unpack_from("!h", row, at)
    at += 2
    for _ in range(max(count, 0)):
        (size,) = struct.unpack_from("!i", row, at)
        at += 4
        if size > 0:
            yield row[at : at + size]
            at += size
        else:
            yield b""


def scan_dumps(dsn: str, spellings: Spellings, heard: Heard) -> Store:
    """`pg_dump` as text, and in its own compressed form read back by `pg_restore`."""
    store = Store("dump", says="pg_dump, plain and custom, through a pipe")
    begun = time.monotonic()
    try:
        programs = binaries.postgres() / "bin"
    except ServerProblem:
        store.says = "no pg_dump here: left out"
        return store
    parts = {key: str(value) for key, value in conninfo_to_dict(dsn).items()}
    environment = {
        "PATH": os.defpath,
        "PGHOST": parts.get("host", ""),
        "PGPORT": parts.get("port", ""),
        "PGUSER": parts.get("user", ""),
        "PGPASSWORD": parts.get("password", ""),
        "PGDATABASE": parts.get("dbname", ""),
    }
    for form in ("plain", "custom"):
        command = [str(programs / "pg_dump"), "--no-password", f"--format={form}"]
        command.append(f"--lock-wait-timeout={PATIENCE}s")
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as dump:
            assert dump.stdout is not None
            place = f"pg_dump --format={form}"
            if form == "plain":
                pour(dump.stdout, place, store, spellings, heard)
            else:
                with restored(programs, dump.stdout) as text:
                    pour(text.stdout, place, store, spellings, heard)
        if dump.returncode:
            store.skip(f"pg_dump --format={form}", f"it ended with exit code {dump.returncode}")
        store.objects += 1
    store.seconds = time.monotonic() - begun
    return store
