"""Reading events on their way into a build, and applying a stretch of them."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from psycopg import Cursor

from infra.projector.builds import Build
from infra.record.registry import Registry
from projections.copied import Copied
from projections.projection import BodyReader, Entry, Heading

_WIDTH = len(Heading._fields)


class Reading:
    """Of the header it fetches the columns that the projection shows, of the events those that it
    listens to. A stretch is what stands above one position and up to another."""

    def __init__(self, build: Build, known: Registry, batch: int) -> None:
        self.build = build
        self.batch = batch
        self._reader = BodyReader(known.decode, known.values)
        shows = build.projection.shows
        self._columns = ", ".join((*Heading._fields, *shows))
        self._origin = _maker(shows) if shows else None
        types = build.projection.types
        self._types = None if types is None else list(types)

    def apply(
        self,
        cursor: Cursor[Any],
        after: int,
        upto: int,
        parked: Collection[UUID],
        entries: Sequence[Entry] | None = None,
    ) -> None:
        """Writes what a stretch comes to; `entries` are its events, if they have been read."""
        projection, schema = self.build.projection, self.build.schema
        if isinstance(projection, Copied):
            projection.copy(cursor, schema, after, upto, self._reader, parked)
            return
        if entries is None:
            entries = self.read(cursor, after, upto)
        if entries:
            projection.apply(cursor, schema, entries, parked)

    def keys(
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

    def end(self, cursor: Cursor[Any], position: int, watermark: int) -> int:
        """The last position of a batch of the events that the projection listens to."""
        cursor.execute(
            "SELECT position FROM es.events WHERE position > %s AND position <= %s"
            " AND (%s::text[] IS NULL OR type = ANY(%s)) ORDER BY position OFFSET %s LIMIT 1",
            (position, watermark, self._types, self._types, self.batch - 1),
        )
        row = cursor.fetchone()
        return watermark if row is None else int(row[0])

    def read(self, cursor: Cursor[Any], position: int, watermark: int) -> Sequence[Entry]:
        wanted = "" if self._types is None else " AND type = ANY(%(types)s)"
        cursor.execute(
            f"SELECT {self._columns}, body FROM es.events"
            f" WHERE position > %(after)s AND position <= %(upto)s{wanted}"
            " ORDER BY position LIMIT %(limit)s",
            {
                "after": position,
                "upto": watermark,
                "types": self._types,
                "limit": self.batch,
            },
            binary=True,
        )
        return self._entries(cursor)

    def read_these(self, cursor: Cursor[Any], positions: Sequence[int]) -> Sequence[Entry]:
        """The events at these positions, in order."""
        cursor.execute(
            f"SELECT {self._columns}, body FROM es.events WHERE position = ANY(%s)"
            " ORDER BY position",
            (list(positions),),
            binary=True,
        )
        return self._entries(cursor)

    def _entries(self, cursor: Cursor[Any]) -> list[Entry]:
        head, origin, reader = Heading._make, self._origin, self._reader
        if origin is None:
            return [Entry(head(row[:-1]), row[-1], reader) for row in cursor.fetchall()]
        return [
            Entry(head(row[:_WIDTH]), row[-1], reader, origin(row[_WIDTH:-1]))
            for row in cursor.fetchall()
        ]


def _maker(shows: Sequence[str]) -> Callable[[Iterable[Any]], Any]:
    """Makes what a projection asked to be shown; what it did not ask for is no attribute."""
    shown: Any = namedtuple("Shown", shows)  # type: ignore[misc]
    made: Callable[[Iterable[Any]], Any] = shown._make
    return made
