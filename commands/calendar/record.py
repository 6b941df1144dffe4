"""A calendar and the register of assignments as a request finds them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce
from typing import cast
from zoneinfo import ZoneInfo

from commands.command import Desk, History, Write
from domain.calendar.assignment import REGISTER, Assignments
from domain.calendar.calendar import ServiceCalendar, calendar_stream, evolve
from domain.calendar.events import CalendarEvent, ServiceCalendarAssigned
from domain.refusal import NotFound

KIND = "calendar"
REGISTER_KIND = "service_calendars"


def find(desk: Desk, calendar: str) -> tuple[History | None, ServiceCalendar]:
    """The calendar as it stands; one without versions if nothing was ever recorded under this
    id."""
    history = desk.record.history(calendar_stream(calendar))
    if history is None:
        return None, ServiceCalendar(id=calendar)
    return history, reduce(
        evolve, cast("list[CalendarEvent]", history.facts), ServiceCalendar(id=calendar)
    )


def found(desk: Desk, calendar: str) -> tuple[History, ServiceCalendar]:
    """NotFound if nothing was ever recorded under this id."""
    history, known = find(desk, calendar)
    if history is None:
        raise NotFound(kind=KIND, id=calendar)
    return history, known


def written(
    desk: Desk, history: History | None, calendar: str, events: Sequence[CalendarEvent]
) -> Write:
    if history is not None:
        return desk.change(history, events)
    stream = calendar_stream(calendar)
    return desk.begin(KIND, stream, stream, events)


def register(desk: Desk) -> tuple[History | None, Assignments]:
    """Every assignment there is."""
    history = desk.record.history(REGISTER)
    made = [] if history is None else cast("list[ServiceCalendarAssigned]", history.facts)
    return history, Assignments(made=made)


def registered(
    desk: Desk, history: History | None, events: Sequence[ServiceCalendarAssigned]
) -> Write:
    if history is not None:
        return desk.change(history, events)
    return desk.begin(REGISTER_KIND, REGISTER, REGISTER, events)


def local_day(desk: Desk, zone: str) -> date:
    """The day on the wall of a zone."""
    return desk.now.astimezone(ZoneInfo(zone)).date()
