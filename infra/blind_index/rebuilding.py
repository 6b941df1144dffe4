"""The blind index made anew from the record, and under a new key.

Values are opened through the gate, as the system, for keeping records; each page is one row in the
trail. What was recorded or erased meanwhile is not overwritten: a customer's rows are written only
while the stream stands where it was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from domain.customer.profile import ProfileField
from domain.event import Event, Recorded
from domain.personal import Personal
from infra.blind_index.finding import forget
from infra.blind_index.keys import BlindKey, BlindKeys
from infra.blind_index.noting import KINDS, rows_of
from infra.gate import AccessDenied, Gate, Reader, SealedValue
from infra.record.batch import Findable
from infra.record.findable import note_findable
from infra.record.packed import Bigints, Uuids
from infra.record.postgres import PostgresRecord

PAGE = 200
PURPOSE = "dpv:RecordManagement"
Heard = Callable[[int, int], None]


class Rebuilt(NamedTuple):
    """`left`: customers whose values may not be opened now; they cannot be found."""

    customers: int
    left: int


class Held(NamedTuple):
    """One indexed field as it stands: the sealed value and the region a number is read in."""

    value: Personal
    region: str | None


class _Customer(NamedTuple):
    subject: UUID
    version: int
    market: str | None
    fields: Mapping[ProfileField, Held]


def unheard(done: int, total: int) -> None:
    """Progress nobody asked for."""


class Rebuilder:
    def __init__(
        self, record: PostgresRecord, gate: Gate, keys: BlindKeys, new_id: Callable[[], UUID]
    ) -> None:
        self._record = record
        self._gate = gate
        self._keys = keys
        self._new_id = new_id

    def rebuild(self, heard: Heard = unheard) -> Rebuilt:
        """Every customer's rows, under the newest key. Raises BlindIndexUnavailable,
        KeysUnavailable, TrailUnavailable."""
        key = self._keys.current()
        self._forget_erased()
        total, done, left = self._total(), 0, 0
        for page in self._pages():
            for attempt in range(3):
                page = self._write(key, page, last=attempt == 2)
                if not page:
                    break
            left += len(page)
            done += PAGE
            heard(min(done, total), total)
        return Rebuilt(total, left)

    def rotate(self, heard: Heard = unheard) -> Rebuilt:
        """A new key, every row under it, then the old ones are gone for good, unless rows that
        could not be opened are still under them."""
        key = self._keys.add()
        rebuilt = self.rebuild(heard)
        with self._record.connection() as connection:
            rows = connection.execute(
                "SELECT generation FROM ref.blind_index UNION SELECT generation"
                " FROM ref.blind_grams"
            ).fetchall()
        still = {generation for (generation,) in rows}
        for generation in self._keys.all().keys() - still - {key.generation}:
            self._keys.remove(generation)
        return rebuilt

    def _total(self) -> int:
        with self._record.connection() as connection:
            row = connection.execute(
                "SELECT count(*) FROM es.streams WHERE kind = 'customer' AND status <> 'fenced'"
            ).fetchone()
        assert row is not None
        return int(row[0])

    def _forget_erased(self) -> None:
        with self._record.connection() as connection:
            rows = connection.execute(
                "SELECT DISTINCT i.subject FROM (SELECT subject FROM ref.blind_index UNION"
                " SELECT subject FROM ref.blind_grams) i"
                " LEFT JOIN es.streams s ON s.stream = i.subject"
                " WHERE s.stream IS NULL OR s.status = 'fenced'"
            ).fetchall()
            for (subject,) in rows:
                forget(connection, subject)

    def _pages(self) -> Iterator[list[UUID]]:
        after = UUID(int=0)
        while True:
            with self._record.connection() as connection:
                rows = connection.execute(
                    "SELECT stream FROM es.streams WHERE kind = 'customer' AND status <> 'fenced'"
                    " AND stream > %s ORDER BY stream LIMIT %s",
                    (after, PAGE),
                ).fetchall()
            if not rows:
                return
            yield [stream for (stream,) in rows]
            after = rows[-1][0]

    def _write(self, key: BlindKey, page: Sequence[UUID], *, last: bool) -> list[UUID]:
        """Those that moved on or may not be opened; the latter only on the `last` attempt."""
        customers = [self._read(subject) for subject in page]
        texts = self._opened(customers)
        rows = [
            row
            for customer in customers
            if customer.subject in texts
            for row in _rows(key, customer, texts[customer.subject])
        ]
        with self._record.connection() as connection:
            still = connection.execute(
                "SELECT ref.streams_still_v1(%s, %s)",
                (Uuids([c.subject for c in customers]), Bigints([c.version for c in customers])),
            ).fetchall()
            unmoved = {subject for (subject,) in still}
            note_findable(connection, [row for row in rows if row.subject in unmoved])
        moved = [c.subject for c in customers if c.subject not in unmoved]
        closed = [c.subject for c in customers if c.subject not in texts]
        return moved + closed if last else moved or closed

    def _read(self, subject: UUID) -> _Customer:
        recorded = self._record.read_stream(subject)
        header = recorded[-1].header
        return _Customer(subject, header.version, header.market, held_fields(recorded))

    def _opened(self, customers: Sequence[_Customer]) -> dict[UUID, dict[ProfileField, str | None]]:
        """A page at once; if somebody's may not be opened, one by one, without theirs."""
        try:
            return self._open(customers)
        except AccessDenied:
            opened: dict[UUID, dict[ProfileField, str | None]] = {}
            for customer in customers:
                try:
                    opened |= self._open([customer])
                except AccessDenied:
                    continue
            return opened

    def _open(self, customers: Sequence[_Customer]) -> dict[UUID, dict[ProfileField, str | None]]:
        values = [
            (c.subject, field, SealedValue(held.value.token or "", c.subject))
            for c in customers
            for field, held in c.fields.items()
        ]
        reader = Reader("system:blind-index", "system", self._new_id())
        texts = self._gate.open([value for _, _, value in values], reader, PURPOSE)
        opened: dict[UUID, dict[ProfileField, str | None]] = {c.subject: {} for c in customers}
        for (subject, field, _), text in zip(values, texts, strict=True):
            opened[subject][field] = text
        return opened


def held_fields(recorded: Sequence[Recorded[Event]]) -> dict[ProfileField, Held]:
    """The indexed fields a customer has, as their events left them."""
    held: dict[ProfileField, Held] = {}
    for one in recorded:
        event = one.event
        profile = getattr(event, "profile", None)
        for correction in getattr(event, "corrections", ()):
            if correction.removed:
                held.pop(correction.field, None)
        for field in KINDS:
            value = getattr(profile, field.value, None)
            if value is not None:
                held[field] = Held(value, getattr(event, "country", None) or one.header.market)
    return held


def _rows(
    key: BlindKey, customer: _Customer, texts: Mapping[ProfileField, str | None]
) -> Iterator[Findable]:
    for field in KINDS:
        region = customer.fields[field].region if field in customer.fields else None
        yield from rows_of(key, customer.subject, customer.market, field, texts.get(field), region)
