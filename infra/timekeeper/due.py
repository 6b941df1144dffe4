"""What the index says: whose promises are due, and when the next is.

The index is `sla_timers`; it follows the record and is therefore late, never wrong about the past.
All instants are in UTC. Whoever asks lacks the index as long as it has never been built
(psycopg.errors.UndefinedTable).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg import Connection

NAME = "dossier timekeeper"
INDEX = "sla_timers"


class Due(NamedTuple):
    """Something of a timer is to be noted at `next_at`, in its stream."""

    next_at: datetime
    timer: UUID
    stream: UUID


FIRST = Due(datetime.min.replace(tzinfo=UTC), UUID(int=0), UUID(int=0))


@contextmanager
def connected(dsn: str) -> Iterator[Connection[tuple[Any, ...]]]:
    """A connection of its own that only reads. Raises psycopg.OperationalError."""
    with psycopg.connect(dsn, autocommit=True, application_name=NAME) as connection:
        connection.execute("SET ROLE dossier_reader")
        connection.execute("SET TimeZone = 'UTC'")
        # By index, whatever the statistics say of a table that was empty a moment ago.
        connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        yield connection


def due(connection: Connection[Any], at: datetime, after: Due, limit: int) -> list[Due]:
    """What was due before `at`, the earliest first, behind the last one seen."""
    rows = connection.execute(
        f"SELECT next_at, timer, stream FROM read.{INDEX}"
        " WHERE next_at < %s AND (next_at, timer) > (%s, %s) ORDER BY next_at, timer LIMIT %s",
        (at, after.next_at, after.timer, limit),
    )
    return [Due(*row) for row in rows]


def next_due(connection: Connection[Any], at: datetime) -> datetime | None:
    """The first instant from `at` on at which something is due."""
    row = connection.execute(
        f"SELECT next_at FROM read.{INDEX} WHERE next_at >= %s ORDER BY next_at LIMIT 1", (at,)
    ).fetchone()
    return None if row is None else row[0]


def followed(connection: Connection[Any], index: str = INDEX) -> int:
    """Up to which position an index has followed the record."""
    row = connection.execute(
        "SELECT t.position FROM es.tracking t JOIN es.projection p USING (name, version)"
        " WHERE p.name = %s AND p.state = 'live'",
        (index,),
    ).fetchone()
    return 0 if row is None else int(row[0])


def open_runs(connection: Connection[Any]) -> frozenset[UUID]:
    """The import runs that are still telling what happened."""
    rows = connection.execute("SELECT id FROM ref.import_run WHERE closed_at IS NULL")
    return frozenset(row[0] for row in rows)
