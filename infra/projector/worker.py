"""A worker: brings one build forward, a batch at a time.

The rows of a batch and the position they bring the build to are written in one transaction. The
position is compared before it is set: if it is not where this worker left it, another has taken
over, and nothing of the batch is kept. Nothing above the watermark is ever read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from psycopg import Connection, Cursor
from psycopg.types.json import set_json_loads

from infra.projector import parking
from infra.projector.builds import Build
from infra.projector.erasing import erase_elsewhere
from infra.projector.parking import LostLease, is_poison
from infra.projector.parts import apply_in_parts, try_again
from infra.projector.reading import Reading
from infra.record.registry import Registry, registry
from projections.copied import Copied
from projections.projection import Entry

BATCH = 5_000
Seam = Callable[[Build, int], None]
Heard = Callable[[Build, int, int], None]
"""Told the position a build has reached and the one it is to reach."""


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
        batch: int | None = None,
        before_commit: Seam = nothing,
        after_commit: Seam = nothing,
    ) -> None:
        set_json_loads(orjson.loads, connection)
        self._connection = connection
        self.build = build
        self._reading = Reading(build, known or registry(), batch or BATCH)
        self._before_commit = before_commit
        self._after_commit = after_commit
        self._held = False
        self.shown = True

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
        """How far the build is; notes whether it is shown. Raises LostLease if it is there no
        more."""
        row = self._connection.execute(
            "SELECT t.position, p.state = 'live' FROM es.tracking t"
            " JOIN es.projection p USING (name, version) WHERE name = %s AND version = %s",
            (self.build.projection.name, self.build.number),
        ).fetchone()
        if row is None:
            raise LostLease(self.build.schema)
        self.shown = bool(row[1])
        return int(row[0])

    def step(self, position: int, watermark: int) -> int:
        """One batch; the position reached, which is the watermark once nothing is left.

        What cannot be applied is parked, if the projection parks. Raises LostLease, or whatever
        kept the projection from going on, with a note that names the event's position; then
        nothing of the batch is kept.
        """
        if position >= watermark:
            return position
        try:
            reached = self._batch_at_once(position, watermark)
        except Exception as fault:
            if self.build.projection.parks_by is None or not is_poison(fault):
                raise
            reached = self._batch_in_parts(position, watermark)
        self._after_commit(self.build, reached)
        return reached

    def replay(self, key: UUID | None = None) -> tuple[int, int]:
        """Tries what is parked again, in order, up to what still cannot be applied; of one key or
        of all. How many events were applied, and how many stay parked.

        Raises LostLease if the build is there no more.
        """
        with self._connection.transaction(), self._connection.cursor() as cursor:
            reached = self._hold(cursor)
            return try_again(cursor, self._reading, key, reached)

    def catch_up(self, goal: int, heard: Heard = unheard) -> int:
        """Steps until nothing is left at or below a watermark; the position reached."""
        position = self.position()
        while position < goal:
            position = self.step(position, goal)
            heard(self.build, position, goal)
        return position

    def _batch_at_once(self, position: int, watermark: int) -> int:
        projection = self.build.projection
        with self._connection.transaction(), self._connection.cursor() as cursor:
            entries: Sequence[Entry] | None = None
            if isinstance(projection, Copied):
                reached = self._reading.end(cursor, position, watermark)
            else:
                entries = self._reading.read(cursor, position, watermark)
                full = len(entries) == self._reading.batch
                reached = entries[-1].header.position if full else watermark
            self._advance(cursor, position, reached)
            # Not before: a replay that unparks a key holds the position meanwhile.
            parked = parking.parked_keys(cursor, self.build)
            self._reading.apply(cursor, position, reached, parked, entries)
            if parked:
                parking.park_later(cursor, self.build, position, reached, parked)
            if self.shown:
                erase_elsewhere(cursor, self._reading, position, reached)
            self._before_commit(self.build, reached)
        return reached

    def _batch_in_parts(self, position: int, watermark: int) -> int:
        with self._connection.transaction(), self._connection.cursor() as cursor:
            reached = self._reading.end(cursor, position, watermark)
            self._advance(cursor, position, reached)
            parked = parking.parked_keys(cursor, self.build)
            apply_in_parts(cursor, self._reading, position, reached, parked)
            parking.park_later(cursor, self.build, position, reached, parked)
            if self.shown:
                erase_elsewhere(cursor, self._reading, position, reached)
            self._before_commit(self.build, reached)
        return reached

    def _hold(self, cursor: Cursor[Any]) -> int:
        """The position, at which no other moves the build until the transaction ends."""
        cursor.execute(
            "SELECT position FROM es.tracking WHERE name = %s AND version = %s FOR UPDATE",
            (self.build.projection.name, self.build.number),
        )
        row = cursor.fetchone()
        if row is None:
            raise LostLease(self.build.schema)
        return int(row[0])

    def _advance(self, cursor: Cursor[Any], position: int, reached: int) -> None:
        if not self.shown:
            # Nobody reads it yet, and its position is lost together with its rows.
            cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(
            "UPDATE es.tracking SET position = %s"
            " WHERE name = %s AND version = %s AND position = %s",
            (reached, self.build.projection.name, self.build.number, position),
        )
        if cursor.rowcount != 1:
            raise LostLease(self.build.schema)


def watermark(connection: Connection[Any]) -> int:
    """Nothing at or below this position can still appear."""
    row = connection.execute("SELECT es.watermark_v1()").fetchone()
    assert row is not None
    return int(row[0])


def _lease(build: Build) -> int:
    digest = sha256(f"dossier projection {build.schema}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
