"""Whose hours serve whom: every assignment there is, in one stream, so that one version tells
whether decisions still rest on the calendars in force."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple, Unpack
from uuid import UUID

from domain.calendar import refusals
from domain.calendar.events import ServiceCalendarAssigned
from domain.event import Frozen
from domain.terms import Channel, Market
from domain.when import When

REGISTER = UUID("c2f1f1f6-0d36-5a57-8a92-3f6f1f6c9b52")
"""The stream of all assignments."""


class Served(NamedTuple):
    """Who is served. None: all channels, all teams; `kind` None: the hours of the service."""

    market: Market
    channel: Channel | None = None
    team: str | None = None
    kind: str | None = None


class Assignments(Frozen):
    """In the order in which they were made; of two from one day the later holds."""

    made: Sequence[ServiceCalendarAssigned] = ()

    def assign(
        self,
        served: Served,
        calendar: str,
        version: int,
        first: date,
        *,
        by: str,
        **when: Unpack[When],
    ) -> list[ServiceCalendarAssigned]:
        """From `first` on. Nothing if that holds already."""
        held = self.held(served, first)
        if held is not None and (held.calendar, held.version) == (calendar, version):
            return []
        fields: dict[str, Any] = served._asdict()
        return [
            ServiceCalendarAssigned(
                **fields,
                calendar=calendar,
                version=version,
                from_day=first,
                assigned_by=by,
                **when,
            )
        ]

    def succeed(
        self, calendar: str, version: int, first: date, *, by: str, **when: Unpack[When]
    ) -> list[ServiceCalendarAssigned]:
        """A new version takes the place of the one before, for all whom that serves by then."""
        served = dict.fromkeys(served_by(one) for one in self.made)
        return [
            event
            for whom in served
            if (held := self.held(whom, first)) is not None and held.calendar == calendar
            for event in self.assign(whom, calendar, version, first, by=by, **when)
        ]

    def held(self, served: Served, on: date) -> ServiceCalendarAssigned | None:
        """What was assigned to exactly these, as it holds on a day."""
        found = [a for a in self.made if served_by(a) == served and first_day(a) <= on]
        return max(reversed(found), key=first_day, default=None)


def counting_from(wanted: date | None, today: date) -> date:
    """The day something counts from; None: `today`, in the calendar's zone. Raises
    CalendarDayPast."""
    if wanted is not None and wanted < today:
        raise refusals.CalendarDayPast(day=wanted.isoformat())
    return wanted or today


def served_by(assignment: ServiceCalendarAssigned) -> Served:
    return Served(assignment.market, assignment.channel, assignment.team, assignment.kind)


def first_day(assignment: ServiceCalendarAssigned) -> date:
    return assignment.from_day or date.min
