"""Walks the record stream by stream and stops at the first thing that is not as it was stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from domain.event import Header
from infra.record.batch import segment_of
from infra.record.chain import ZERO, body_hash, leaf_hash
from infra.record.postgres import HEADER_COLUMNS
from infra.verify.diagnosis import Row, Suspect, altered_column, strayed

EVERY = 5_000


class Finding(NamedTuple):
    """What is wrong: at which position, in which column, in a few words."""

    position: int
    column: str
    detail: str


class Verified(NamedTuple):
    """How far the walk came, and what it found, if anything."""

    events: int
    streams: int
    finding: Finding | None


class StreamRow(NamedTuple):
    """What es.streams says of a stream."""

    stream: UUID
    kind: str
    subject: UUID
    version: int
    segment: int
    head_hash: bytes
    first_position: int
    last_position: int


def verify(
    connection: Connection[Any],
    customer: UUID | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Verified:
    """Verifies every stream, or those of one customer, in one consistent view of the database.

    `connection` is used for a transaction of its own, with a cursor on the server; memory stays
    that of the longest stream. `progress` is told the events verified so far.
    """
    events = streams = 0
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        known = _stream_rows(connection, customer)
        expected = next(known, None)
        for stream, rows in groupby(_events(connection, customer), key=lambda row: row[0].stream):
            group = list(rows)
            if expected is not None and expected.stream < stream:
                return Verified(events, streams, _vanished(connection, expected))
            if expected is None or expected.stream != stream:
                return Verified(events, streams, _without_stream_row(connection, group))
            if finding := _broken(connection, expected, group):
                return Verified(events, streams, finding)
            events += len(group)
            streams += 1
            progress(events)
            expected = next(known, None)
        if expected is not None:
            return Verified(events, streams, _vanished(connection, expected))
    return Verified(events, streams, None)


def _events(connection: Connection[Any], customer: UUID | None) -> Iterator[Row]:
    where = (
        "WHERE stream IN (SELECT stream FROM es.streams WHERE subject = %(customer)s)"
        " OR subject = %(customer)s "
        if customer
        else ""
    )
    with connection.cursor(name="verify_events") as cursor:
        cursor.itersize = EVERY
        cursor.execute(
            f"SELECT {HEADER_COLUMNS}, body FROM es.events {where}"
            " ORDER BY stream, version, position",
            {"customer": customer},
        )
        for values in cursor:
            yield Header._make(values[:-1]), values[-1]


def _stream_rows(connection: Connection[Any], customer: UUID | None) -> Iterator[StreamRow]:
    with connection.cursor(name="verify_streams") as cursor:
        cursor.itersize = EVERY
        cursor.execute(
            f"SELECT {', '.join(StreamRow._fields)} FROM es.streams"
            f" {'WHERE subject = %(customer)s' if customer else ''} ORDER BY stream",
            {"customer": customer},
        )
        for values in cursor:
            yield StreamRow._make(values)


def _broken(connection: Connection[Any], stream: StreamRow, group: Sequence[Row]) -> Finding | None:
    head = ZERO
    for number, (header, body) in enumerate(group, 1):
        suspect = Suspect(header, body, number, head, _successor(group, number, stream))
        if header.version != number:
            return _gap(connection, stream, group, suspect)
        if finding := _altered(connection, stream, suspect, group):
            return finding
        head = header.hash
    last = group[-1][0]
    if stream.version != last.version or stream.last_position != last.position:
        return Finding(
            stream.last_position,
            "position",
            f"version {last.version + 1} of stream {stream.stream} is missing",
        )
    for column in ("head_hash", "kind", "subject", "segment"):
        truth = last.hash if column == "head_hash" else getattr(last, column)
        if getattr(stream, column) != truth:
            return Finding(last.position, f"es.streams.{column}", "differs from the last event")
    return None


def _successor(group: Sequence[Row], number: int, stream: StreamRow) -> bytes:
    """What the next event, or the stream's row, says this event's hash was."""
    return group[number][0].prev_hash if number < len(group) else stream.head_hash


def _altered(
    connection: Connection[Any], stream: StreamRow, suspect: Suspect, group: Sequence[Row]
) -> Finding | None:
    header, body = suspect.header, suspect.body
    sound = (
        leaf_hash(header) == header.hash
        and header.prev_hash == suspect.head
        and header.segment == segment_of(header.subject)
        and (body is None or body_hash(body) == header.body_hash)
    )
    if sound:
        return None
    column = altered_column(
        connection, suspect, group, (stream.stream, stream.kind, stream.subject)
    )
    return Finding(header.position, column, "is not what was recorded")


def _gap(
    connection: Connection[Any], stream: StreamRow, group: Sequence[Row], suspect: Suspect
) -> Finding:
    """A version is missing: renumbered, moved to another stream, or deleted."""
    for header, _ in group:
        if leaf_hash(header._replace(version=suspect.number)) == header.hash:
            return Finding(header.position, "version", "is not what was recorded")
    if moved := strayed(connection, suspect.header.prev_hash, stream.stream):
        return Finding(moved, "stream", "is not what was recorded")
    return Finding(
        suspect.header.position,
        "prev_hash",
        f"version {suspect.number} of stream {stream.stream} before it is missing",
    )


def _vanished(connection: Connection[Any], stream: StreamRow) -> Finding:
    if moved := strayed(connection, stream.head_hash, stream.stream):
        return Finding(moved, "stream", "is not what was recorded")
    return Finding(stream.first_position, "position", f"no event of stream {stream.stream} is left")


def _without_stream_row(connection: Connection[Any], group: Sequence[Row]) -> Finding:
    header = group[0][0]
    origin = connection.execute(
        "SELECT stream FROM es.events WHERE prev_hash = %s UNION ALL"
        " SELECT stream FROM es.streams WHERE head_hash = %s LIMIT 1",
        (header.hash, header.hash),
    ).fetchone()
    if origin and leaf_hash(header._replace(stream=origin[0])) == header.hash:
        return Finding(header.position, "stream", "is not what was recorded")
    return Finding(header.position, "stream", f"es.streams knows no stream {header.stream}")
