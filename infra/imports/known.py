"""What is on record already, looked up for many cases at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import groupby
from uuid import UUID

from commands.command import History
from infra.record.packed import Bytes, Uuids
from infra.record.postgres import HEADER_COLUMNS, PostgresRecord

_EVENTS = ", ".join(f"e.{name.strip()}" for name in HEADER_COLUMNS.split(","))


def histories(record: PostgresRecord, streams: Collection[UUID]) -> Mapping[UUID, History]:
    """The streams among these that exist, in full."""
    found: dict[UUID, History] = {}
    with record.connection() as connection:
        statuses = dict(
            connection.execute(
                "SELECT stream, status FROM es.streams WHERE stream = ANY(%s)",
                (Uuids(list(streams)),),
                prepare=True,
            ).fetchall()
        )
        if not statuses:
            return found
        rows = connection.execute(
            f"SELECT {_EVENTS}, e.body FROM es.streams s JOIN es.events e ON e.stream = s.stream"
            " AND e.position BETWEEN s.first_position AND s.last_position"
            " WHERE s.stream = ANY(%s) ORDER BY e.stream, e.version",
            (Uuids(list(statuses)),),
            prepare=True,
            binary=True,
        )
        recorded = (record.recorded(row) for row in rows)
        for stream, group in groupby(recorded, lambda event: event.header.stream):
            events = list(group)
            last = events[-1].header
            found[stream] = History(
                kind=last.kind,
                stream=stream,
                subject=last.subject,
                version=last.version,
                status=statuses[stream],
                market=last.market,
                events=events,
            )
    return found


def outside_names(
    record: PostgresRecord, source: str, hashes: Collection[bytes]
) -> Mapping[bytes, UUID | None]:
    """Whom these keyed hashes stand for, where they are known; None: somebody who was erased."""
    with record.connection() as connection:
        rows = connection.execute(
            "SELECT hmac, subject FROM ref.external WHERE source = %s AND hmac = ANY(%s)",
            (source, Bytes(list(hashes))),
            prepare=True,
            binary=True,
        ).fetchall()
    return {bytes(hashed): subject for hashed, subject in rows}
