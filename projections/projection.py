"""A projection: a table, the events it listens to, and how they add up to its rows.

It is handed a whole batch, folds it in memory and writes each row once. It decides nothing, reads
no clock and draws no number: folding the same events again gives the same rows, byte for byte.
Erasure is not a projection's own business: `apply` empties the tokens of whoever was erased.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, Literal, NamedTuple, Protocol, cast
from uuid import UUID

from psycopg import Cursor

from domain.customer.events import PersonalDataErased
from domain.event import Event
from domain.personal import Category
from projections.table import Key, R, Table

ERASED = PersonalDataErased.__name__
DecodeEvent = Callable[["Heading", bytes], Event]
DecodeValues = Callable[["Heading", bytes], dict[str, Any]]


class Heading(NamedTuple):
    """What every projection is told of an event's header (see `domain.event.Header`)."""

    position: int
    event_id: UUID
    stream: UUID
    type: str
    schema: int
    subject: UUID
    at: datetime
    at_precision: str
    actor: str
    source_ref: str | None


class Origin(Protocol):
    """The rest of a header, of which a projection is handed the columns it `shows`, no others: a
    column costs a third of a microsecond an event."""

    kind: str
    version: int
    recorded_at: datetime
    role: str
    on_behalf_of: str | None
    purpose: str
    legal_basis: str | None
    policies: str
    correlation: UUID
    causation: UUID | None
    command_id: UUID
    market: str | None


class BodyMissing(Exception):
    """The body of an event was archived or removed; a fold without it would be a guess."""


class Entry:
    """An event on its way into a projection. Decoded only when it is looked at."""

    __slots__ = ("_body", "_event", "_origin", "_reader", "header")

    def __init__(
        self,
        header: Heading,
        body: bytes | None,
        reader: BodyReader,
        origin: Origin | None = None,
    ) -> None:
        self.header = header
        self._body = body
        self._reader = reader
        self._origin = origin
        self._event: Event | None = None

    @property
    def origin(self) -> Origin:
        assert self._origin is not None, "the projection names what it wants of it in `shows`"
        return self._origin

    @property
    def event(self) -> Event:
        if self._event is None:
            self._event = self._reader.event(self.header, self._present())
        return self._event

    @property
    def values(self) -> dict[str, Any]:
        """The body as JSON values, in the shape its type has today; personal ones are tokens."""
        return self._reader.values(self.header, self._present())

    def _present(self) -> bytes:
        if self._body is None:
            raise BodyMissing(f"the event at position {self.header.position} has no body")
        return self._body


class BodyReader(NamedTuple):
    """How stored bodies are read. Handed in, for the registry is not a projection's to know."""

    event: DecodeEvent
    values: DecodeValues


Rows = dict[Key, R]


def by_stream(entry: Entry) -> Iterable[Key]:
    return (entry.header.stream,)


def by_customer(entry: Entry) -> Iterable[Key]:
    return (entry.header.subject,)


@dataclass(frozen=True, kw_only=True)
class Projection(Generic[R]):
    """`version` is raised when the same events shall give other rows: tables are then built anew.

    `on` None: every event. `keys` names the rows an event touches; `fold` changes or adds them.
    `shows`: the columns of the header's `Origin` that `fold` asks for.

    `parks_by`: the rows an event touches are those of its stream, or of its subject, and of no
    other; so an event that cannot be applied is parked with every later one of the same, and all
    else goes on. None: the projection stops at such an event.
    """

    name: str
    version: int
    table: Table[R]
    on: tuple[type[Event], ...] | None
    keys: Callable[[Entry], Iterable[Key]] = by_stream
    fold: Callable[[Rows[R], Entry], None]
    shows: tuple[str, ...] = ()
    parks_by: Literal["stream", "subject"] | None = None

    @property
    def types(self) -> Sequence[str] | None:
        """The stored names it is handed, or None for all. The erasure is among them wherever there
        is something sealed."""
        if self.on is None:
            return None
        names = {event.__name__ for event in self.on}
        return sorted(names | {ERASED} if self.table.tokens else names)

    def apply(
        self,
        cursor: Cursor[Any],
        schema: str,
        entries: Sequence[Entry],
        parked: Collection[UUID] = (),
    ) -> None:
        """Writes what the entries come to, in their order. Inside a transaction only.

        Those of a parked key are passed over; but who was erased is erased. Whatever a fold raises
        carries the position it was raised at.
        """
        mine = entries
        if parked and self.parks_by is not None:
            key_of = attrgetter(self.parks_by)
            mine = [entry for entry in mine if key_of(entry.header) not in parked]
        if self.on is not None:
            known = {event.__name__ for event in self.on}
            mine = [entry for entry in mine if entry.header.type in known]
        keys = {key for entry in mine for key in self.keys(entry)}
        rows: Rows[R] = self.table.load(cursor, schema, keys)
        present = frozenset(rows)
        for entry in mine:
            try:
                self.fold(rows, entry)
            except Exception as fault:
                fault.add_note(f"while {self.name} read position {entry.header.position}")
                raise
        self.table.add(cursor, schema, [row for key, row in rows.items() if key not in present])
        self.table.change(cursor, schema, [rows[key] for key in present])
        for categories, customers in erased_among(entries).items():
            self.table.erase(cursor, schema, sorted(customers), categories)


def erased_among(entries: Iterable[Entry]) -> dict[tuple[Category, ...], set[UUID]]:
    """Whose tokens of which categories are to go."""
    erased: dict[tuple[Category, ...], set[UUID]] = {}
    for entry in entries:
        if entry.header.type == ERASED:
            event = cast("PersonalDataErased", entry.event)
            erased.setdefault(tuple(sorted(event.categories)), set()).add(entry.header.subject)
    return erased


def token_of(value: Any) -> str | None:
    """The token of a personal value as loaded, or None if there is no value."""
    return None if value is None else value.token


def instants(values: Mapping[str, datetime]) -> dict[str, str]:
    """Times as JSON holds them: ISO 8601 in UTC."""
    return {name: at.isoformat() for name, at in values.items()}
