"""A worker: brings one build forward, a batch at a time.

The rows of a batch and the position they bring the build to are written in one transaction. The
position is compared before it is set: if it is not where this worker left it, another has taken
over, and nothing of the batch is kept. Nothing above the watermark is ever read.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Collection, Iterable, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
import structlog
from psycopg import Connection, Cursor
from psycopg.types.json import set_json_loads

from infra.projector import parking
from infra.projector.builds import Build
from infra.projector.parking import LostLease, is_poison
from infra.record.registry import Registry, registry
from projections.copied import Copied
from projections.projection import ERASED, BodyReader, Entry, Heading, erased_among
from projections.table import erase_tokens

log = structlog.get_logger()
BATCH = 5_000
_WIDTH = len(Heading._fields)
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
        known = known or registry()
        self._reader = BodyReader(known.decode, known.values)
        self._batch = batch or BATCH
        self._before_commit = before_commit
        self._after_commit = after_commit
        shows = build.projection.shows
        self._columns = ", ".join((*Heading._fields, *shows))
        self._origin = _maker(shows) if shows else None
        types = build.projection.types
        self._types = None if types is None else list(types)
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
        applied = left = 0
        with self._connection.transaction(), self._connection.cursor() as cursor:
            reached = self._hold(cursor)
            waiting = parking.waiting(cursor, self.build, key)
            for held, positions in waiting.items():
                done = self._replayed(cursor, held, positions)
                applied += done
                left += len(positions) - done
            self._erase_again(cursor, waiting, reached)
        return applied, left

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
                reached = self._end(cursor, position, watermark)
            else:
                entries = self._read(cursor, position, watermark)
                full = len(entries) == self._batch
                reached = entries[-1].header.position if full else watermark
            self._advance(cursor, position, reached)
            # Not before: a replay that unparks a key holds the position meanwhile.
            parked = parking.parked_keys(cursor, self.build)
            self._apply(cursor, position, reached, parked, entries)
            if parked:
                parking.park_later(cursor, self.build, position, reached, parked)
            if self.shown:
                self._erase_elsewhere(cursor, position, reached)
            self._before_commit(self.build, reached)
        return reached

    def _batch_in_parts(self, position: int, watermark: int) -> int:
        with self._connection.transaction(), self._connection.cursor() as cursor:
            reached = self._end(cursor, position, watermark)
            self._advance(cursor, position, reached)
            parked = parking.parked_keys(cursor, self.build)
            events = self._keys(cursor, position, reached)
            self._in_parts(cursor, position, reached, events, parked)
            parking.park_later(cursor, self.build, position, reached, parked)
            if self.shown:
                self._erase_elsewhere(cursor, position, reached)
            self._before_commit(self.build, reached)
        return reached

    def _in_parts(
        self,
        cursor: Cursor[Any],
        after: int,
        upto: int,
        events: Sequence[tuple[int, UUID, str]],
        parked: set[UUID],
    ) -> None:
        """Halves a stretch until what cannot be applied stands alone, and parks that."""
        events = [event for event in events if event[1] not in parked]
        for _ in range(parking.ATTEMPTS if len(events) == 1 else 1):
            try:
                with self._connection.transaction():
                    self._apply(cursor, after, upto, parked)
                return
            except Exception as fault:
                if not events or not is_poison(fault):
                    raise
                poison = fault
        if len(events) > 1:
            middle = len(events) // 2
            end = events[middle - 1][0]
            self._in_parts(cursor, after, end, events[:middle], parked)
            self._in_parts(cursor, end, upto, events[middle:], parked)
            return
        ((position, key, type_),) = events
        parking.park(cursor, self.build, key, position, type_, poison)
        parked.add(key)
        log.error("projection.parked", projection=self.build.schema, position=position)
        self._apply(cursor, after, upto, parked)

    def _apply(
        self,
        cursor: Cursor[Any],
        after: int,
        upto: int,
        parked: Collection[UUID],
        entries: Sequence[Entry] | None = None,
    ) -> None:
        projection, schema = self.build.projection, self.build.schema
        if isinstance(projection, Copied):
            projection.copy(cursor, schema, after, upto, self._reader, parked)
            return
        if entries is None:
            entries = self._read(cursor, after, upto)
        if entries:
            projection.apply(cursor, schema, entries, parked)

    def _replayed(self, cursor: Cursor[Any], key: UUID, positions: Sequence[int]) -> int:
        for done, position in enumerate(positions):
            try:
                with self._connection.transaction():
                    self._apply(cursor, position - 1, position, ())
            except Exception as fault:
                if not is_poison(fault):
                    raise
                parking.failed_again(cursor, self.build, key, position, fault)
                return done
            parking.applied(cursor, self.build, key, position)
        return len(positions)

    def _erase_again(self, cursor: Cursor[Any], keys: Iterable[UUID], reached: int) -> None:
        """What was parked before an erasure brought tokens back that the erasure had nulled."""
        cursor.execute(
            "SELECT DISTINCT x.position FROM es.events e JOIN es.events x ON x.stream = e.subject"
            " WHERE (e.stream = ANY(%(keys)s) OR e.stream IN (SELECT s.stream FROM es.streams s"
            " WHERE s.subject = ANY(%(keys)s))) AND x.type = %(erased)s"
            " AND x.position <= %(reached)s ORDER BY x.position",
            {"keys": list(keys), "erased": ERASED, "reached": reached},
        )
        table = self.build.projection.table
        for (position,) in cursor.fetchall():
            for categories, customers in erased_among(
                self._read(cursor, position - 1, position)
            ).items():
                table.erase(cursor, self.build.schema, sorted(customers), categories)

    def _erase_elsewhere(self, cursor: Cursor[Any], after: int, upto: int) -> None:
        """In builds that are kept and not shown, which nobody may be reading events for."""
        projection = self.build.projection
        cursor.execute(
            "SELECT version FROM es.projection WHERE name = %s AND state <> 'live' FOR SHARE",
            (projection.name,),
        )
        others = [Build(projection, number).schema for (number,) in cursor.fetchall()]
        if not others:
            return
        cursor.execute(
            "SELECT position FROM es.events WHERE position > %s AND position <= %s AND type = %s",
            (after, upto, ERASED),
        )
        erased = [self._read(cursor, at - 1, at) for (at,) in cursor.fetchall()]
        for entries in erased:
            for categories, customers in erased_among(entries).items():
                for schema in others:
                    erase_tokens(
                        cursor, schema, projection.table.name, sorted(customers), categories
                    )

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

    def _keys(
        self, cursor: Cursor[Any], position: int, upto: int
    ) -> Sequence[tuple[int, UUID, str]]:
        """Position, key and type of every event that the projection listens to."""
        cursor.execute(
            "SELECT position, CASE %(by)s WHEN 'stream' THEN stream ELSE subject END, type"
            " FROM es.events WHERE position > %(after)s AND position <= %(upto)s"
            " AND (%(types)s::text[] IS NULL OR type = ANY(%(types)s)) ORDER BY position",
            {
                "by": self.build.projection.parks_by,
                "after": position,
                "upto": upto,
                "types": self._types,
            },
        )
        return cursor.fetchall()

    def _end(self, cursor: Cursor[Any], position: int, watermark: int) -> int:
        """The last position of a batch of the events that the projection listens to."""
        cursor.execute(
            "SELECT position FROM es.events WHERE position > %s AND position <= %s"
            " AND (%s::text[] IS NULL OR type = ANY(%s)) ORDER BY position OFFSET %s LIMIT 1",
            (position, watermark, self._types, self._types, self._batch - 1),
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
