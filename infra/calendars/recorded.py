"""The published calendars as the record has them. The record is the truth: no file is read here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import Any, Protocol, cast
from uuid import UUID

from domain.calendar.assignment import REGISTER
from domain.calendar.calendar import ServiceCalendar, calendar_stream, evolve
from domain.calendar.calendars import Calendars
from domain.calendar.events import CalendarEvent, ServiceCalendarAssigned
from domain.event import Recorded
from domain.opening_hours import Calendar
from domain.timers import Rulebook
from infra.record.postgres import PostgresRecord


class Streams(Protocol):
    def stream_row(self, stream: UUID) -> tuple[int, str] | None: ...

    def read_stream(self, stream: UUID) -> list[Recorded[Any]]: ...


def calendar_on_record(
    record: Streams, id: str, until: int | None = None
) -> ServiceCalendar | None:
    """All versions of a calendar, as they stood at a position; None if it was never drafted."""
    events = _events(record, calendar_stream(id), until)
    return _folded(events) if events else None


def calendars_on_record(
    record: Streams, until: int | None = None, made: Mapping[str, Calendar] | None = None
) -> Calendars:
    """Every calendar that serves or has served somebody, with all its published versions, as it
    stood at a position; None: now. `made` are those known before, which never change."""
    assigned = [
        cast("ServiceCalendarAssigned", event) for event in _events(record, REGISTER, until)
    ]
    published: list[Calendar] = []
    for id in dict.fromkeys(one.calendar for one in assigned):
        known = calendar_on_record(record, id, until)
        for number, version in known.versions.items() if known else ():
            name = f"{id}@{number}"
            published.append((made or {}).get(name) or version.drafted.content.calendar(id, number))
    return Calendars(published, assigned)


def _events(record: Streams, stream: UUID, until: int | None) -> list[Any]:
    return [
        one.event
        for one in record.read_stream(stream)
        if until is None or one.header.position <= until
    ]


class InForce:
    """The calendars that decisions rest on, read again when the record says that something has
    changed (`infra/publication/rules.py`): those made before are kept, for they never change."""

    def __init__(self, record: Streams) -> None:
        self._record = record
        self._made: Mapping[str, Calendar] = {}

    def rules(self, rules: Rulebook) -> Rulebook:
        """The rules with the calendars on record; as they are where none serves anybody."""
        if self._record.stream_row(REGISTER) is None:
            return rules
        calendars = calendars_on_record(self._record, made=self._made)
        self._made = {calendar.name: calendar for calendar in calendars}
        return replace(rules, hours=calendars)


def all_calendars(record: PostgresRecord) -> list[ServiceCalendar]:
    """Every calendar ever drafted, by id, whether or not it serves anybody."""
    with record.connection() as connection:
        rows = connection.execute("SELECT stream FROM es.streams WHERE kind = 'calendar'")
        streams = [row[0] for row in rows]
    known = [_folded(_events(record, stream, None)) for stream in streams]
    return sorted(known, key=lambda calendar: calendar.id)


def _folded(events: list[CalendarEvent]) -> ServiceCalendar:
    return reduce(evolve, events, ServiceCalendar(id=events[0].calendar))
