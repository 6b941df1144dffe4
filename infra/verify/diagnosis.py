"""Which column was altered: try what it may have been until the stored hash comes out again.

What a column may have been is taken from its neighbours: other events of the command and of the
stream, es.streams, es.command, the registered names. Where nothing fits, the answer is `hash`:
the header does not match it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from re import findall
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from domain.event import Header, Precision
from infra.gate.permissions import PURPOSES, ROLES
from infra.record.batch import segment_of
from infra.record.chain import body_hash, leaf_hash
from infra.record.postgres import HEADER_COLUMNS
from infra.record.registry import registry
from infra.vault.token import NotAToken, read

Row = tuple[Header, bytes | None]
NEARBY = 2_000


class Suspect(NamedTuple):
    """A row that does not verify: as the `number`th of its stream, after an event whose hash was
    `head`, before one that says its own was `successor`."""

    header: Header
    body: bytes | None
    number: int
    head: bytes
    successor: bytes


def altered_column(
    connection: Connection[Any],
    suspect: Suspect,
    group: Sequence[Row],
    stream: tuple[UUID, str, UUID],
) -> str:
    header, body = suspect.header, suspect.body
    leaf = leaf_hash(header)
    if leaf == header.hash:
        if body is not None and body_hash(body) != header.body_hash:
            return "body"
        return "prev_hash" if header.prev_hash != suspect.head else "segment"
    if leaf == suspect.successor:
        return "hash"
    for column, candidate in _candidates(connection, suspect, group, stream):
        if leaf_hash(header._replace(**{column: candidate})) == header.hash:
            return column
    return "hash"


def strayed(connection: Connection[Any], own_hash: bytes, stream: UUID) -> int | None:
    """The position of the event with this hash, if it now stands in another stream."""
    row = connection.execute(
        f"SELECT {HEADER_COLUMNS} FROM es.events WHERE hash = %s LIMIT 1", (own_hash,)
    ).fetchone()
    if row is None:
        return None
    header = Header._make(row)
    belongs = leaf_hash(header._replace(stream=stream)) == header.hash
    return header.position if belongs else None


def _candidates(
    connection: Connection[Any],
    suspect: Suspect,
    group: Sequence[Row],
    stream: tuple[UUID, str, UUID],
) -> Iterator[tuple[str, Any]]:
    header = suspect.header
    yield "prev_hash", suspect.head
    if suspect.body is not None:
        yield "body_hash", body_hash(suspect.body)
    yield "version", suspect.number
    yield from zip(("stream", "kind", "subject"), stream, strict=True)
    for segment in (segment_of(header.subject), *range(16)):
        yield "segment", segment
    for name in registry():
        yield "type", name
    for schema in range(1, 20):
        yield "schema", schema
    for precision in Precision:
        yield "at_precision", precision.value
    for role in ROLES:
        yield "role", role
    for purpose in PURPOSES:
        yield "purpose", purpose
    for column in _NULLABLE:
        yield column, None
    for event_id in _sealed_in(suspect.body):
        yield "event_id", event_id
    for command_id, recorded_at in connection.execute(
        "SELECT command_id, recorded_at FROM es.command WHERE %s = ANY (positions)",
        (header.position,),
    ):
        yield "command_id", command_id
        yield "recorded_at", recorded_at
        yield "correlation", command_id
    yield from _of_neighbours(header, _neighbours(connection, header, group))
    for position in range(max(1, header.position - NEARBY), header.position + NEARBY):
        yield "position", position
    for (position,) in connection.execute(
        "SELECT first_position FROM es.streams WHERE stream = %(stream)s UNION"
        " SELECT last_position FROM es.streams WHERE stream = %(stream)s UNION"
        " SELECT unnest(positions) FROM es.command WHERE command_id = %(command)s",
        {"stream": stream[0], "command": header.command_id},
    ):
        yield "position", position


_NULLABLE = (
    "on_behalf_of",
    "legal_basis",
    "consent_id",
    "reason",
    "causation",
    "source_ref",
    "market",
)
_SHARED = (
    "at",
    "recorded_at",
    "actor",
    "role",
    "purpose",
    "policies",
    "correlation",
    "command_id",
    *_NULLABLE,
)


def _of_neighbours(header: Header, neighbours: Iterable[Header]) -> Iterator[tuple[str, Any]]:
    for neighbour in neighbours:
        for column in _SHARED:
            value = getattr(neighbour, column)
            if value != getattr(header, column):
                yield column, value


def _neighbours(connection: Connection[Any], header: Header, group: Sequence[Row]) -> list[Header]:
    """The rest of its stream and what was recorded just before and after."""
    rows = connection.execute(
        f"SELECT {HEADER_COLUMNS} FROM es.events WHERE position BETWEEN %s AND %s",
        (header.position - 20, header.position + 20),
    ).fetchall()
    return [other for other, _ in group] + [Header._make(row) for row in rows]


def _sealed_in(body: bytes | None) -> list[UUID]:
    """The event ids that the sealed values of a body name."""
    found = []
    for token in findall(rb'"([A-Za-z0-9_-]{60,})"', body or b""):
        try:
            found.append(read(token.decode()).place.event_id)
        except NotAToken:
            continue
    return found
