"""A worker: brings one build forward, a batch at a time.

The rows of a batch and the position they bring the build to are written in one transaction. The
position is compared before it is set: if it is not where this worker left it, another has taken
over, and nothing of the batch is kept. Nothing above the watermark is ever read.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Any

import orjson
from psycopg import Connection, Cursor
from psycopg.types.json import set_json_loads

from infra.projector.builds import Build
from infra.record.registry import Registry, registry
from projections.copied import Copied
from projections.projection import BodyReader, Entry, Heading

BATCH = 5_000
_WIDTH = len(Heading._fields)
Seam = Callable[[Build, int], None]
Heard = Callable[[Build, int, int], None]
"""Told the position a build has reached and the one it is to reach."""


class LostLease(Exception):
    """Another worker has this build, or it is there no more."""


def nothing(build: Build, position: int) -> None:
    """Where a test stops a worker; the product does not."""


def unheard(build: Build, position: int, goal: int) -> None:
    """Progress nobody asked for."""


class Worker:
    """Keeps to one connection and one build.

    `before_commit` is called with the rows of a batch written and not yet committed, and
    `after_commit` once they are; both with the position reached.
    """

    def __init__(
        self,
        connection: Connection[tuple[Any, ...]],
        build: Build,
        *,
        known: Registry | None = None,
        batch: int = BATCH,
        before_commit: Seam = nothing,
        after_commit: Seam = nothing,
    ) -> None:
        set_json_loads(orjson.loads, connection)
        self._connection = connection
        self.build = build
        known = known or registry()
        self._reader = BodyReader(known.decode, known.values)
        self._batch = batch
        self._before_commit = before_commit
        self._after_commit = after_commit
        shows = build.projection.shows
        self._columns = ", ".join((*Heading._fields, *shows))
        self._origin = _maker(shows) if shows else None
        types = build.projection.types
        self._types = None if types is None else list(types)
        self._held = False

    def lease(self) -> bool:
        """Whether this session has the build to itself: held until the connection ends, or until
        `release`."""
        if not self._held:
            row = self._connection.execute(
                "SELECT pg_try_advisory_lock(%s)", (_lease(self.build),)
            ).fetchone()
            self._held = row is not None and bool(row[0])
        return self._held

    def release(self) -> None:
        if self._held:
            self._connection.execute("SELECT pg_advisory_unlock(%s)", (_lease(self.build),))
            self._held = False

    def position(self) -> int:
        """How far the build is. Raises LostLease if it is there no more."""
        row = self._connection.execute(
            "SELECT position FROM es.tracking WHERE name = %s AND version = %s",
            (self.build.projection.name, self.build.number),
        ).fetchone()
        if row is None:
            raise LostLease(self.build.schema)
        return int(row[0])

    def step(self, position: int, watermark: int) -> int:
        """One batch; the position reached, which is the watermark once nothing is left.

        Raises LostLease, or whatever kept the projection from applying an event, with a note that
        names its position; then nothing of the batch is kept.
        """
        if position >= watermark:
            return position
        with self._connection.transaction(), self._connection.cursor() as cursor:
            reached = self._bring(cursor, position, watermark)
            self._before_commit(self.build, reached)
        self._after_commit(self.build, reached)
        return reached

    def catch_up(self, goal: int, heard: Heard = unheard) -> int:
        """Steps until nothing is left at or below a watermark; the position reached."""
        position = self.position()
        while position < goal:
            position = self.step(position, goal)
            heard(self.build, position, goal)
        return position

    def _bring(self, cursor: Cursor[Any], position: int, watermark: int) -> int:
        projection, schema = self.build.projection, self.build.schema
        if isinstance(projection, Copied):
            reached = self._end(cursor, position, watermark)
            self._advance(cursor, position, reached)
            projection.copy(cursor, schema, position, reached, self._reader)
            return reached
        entries = self._read(cursor, position, watermark)
        reached = entries[-1].header.position if len(entries) == self._batch else watermark
        self._advance(cursor, position, reached)
        if entries:
            projection.apply(cursor, schema, entries)
        return reached

    def _end(self, cursor: Cursor[Any], position: int, watermark: int) -> int:
        """The last position of a batch of events of all types."""
        cursor.execute(
            "SELECT position FROM es.events WHERE position > %s AND position <= %s"
            " ORDER BY position OFFSET %s LIMIT 1",
            (position, watermark, self._batch - 1),
        )
        row = cursor.fetchone()
        return watermark if row is None else int(row[0])

    def _read(self, cursor: Cursor[Any], position: int, watermark: int) -> Sequence[Entry]:
        wanted = "" if self._types is None else " AND type = ANY(%(types)s)"
        cursor.execute(
            f"SELECT {self._columns}, body FROM es.events"
            f" WHERE position > %(after)s AND position <= %(upto)s{wanted}"
            " ORDER BY position LIMIT %(limit)s",
            {
                "after": position,
                "upto": watermark,
                "types": self._types,
                "limit": self._batch,
            },
            binary=True,
        )
        head, origin, reader = Heading._make, self._origin, self._reader
        if origin is None:
            return [Entry(head(row[:-1]), row[-1], reader) for row in cursor.fetchall()]
        return [
            Entry(head(row[:_WIDTH]), row[-1], reader, origin(row[_WIDTH:-1]))
            for row in cursor.fetchall()
        ]

    def _advance(self, cursor: Cursor[Any], position: int, reached: int) -> None:
        cursor.execute(
            "UPDATE es.tracking SET position = %s"
            " WHERE name = %s AND version = %s AND position = %s",
            (reached, self.build.projection.name, self.build.number, position),
        )
        if cursor.rowcount != 1:
            raise LostLease(self.build.schema)


def _maker(shows: Sequence[str]) -> Callable[[Iterable[Any]], Any]:
    """Makes what a projection asked to be shown; what it did not ask for is no attribute."""
    shown: Any = namedtuple("Shown", shows)  # type: ignore[misc]
    made: Callable[[Iterable[Any]], Any] = shown._make
    return made


def watermark(connection: Connection[Any]) -> int:
    """Nothing at or below this position can still appear."""
    row = connection.execute("SELECT es.watermark_v1()").fetchone()
    assert row is not None
    return int(row[0])


def _lease(build: Build) -> int:
    digest = sha256(f"dossier projection {build.schema}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
