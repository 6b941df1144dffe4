"""A drafted version is published: it never changes again, and takes the place of the one before."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from commands.calendar.draft_calendar import CalendarId, Version
from commands.calendar.record import KIND, found, local_day, register, registered, written
from commands.command import Append, Command, Desk
from commands.fields import MarketCode
from domain.calendar.assignment import Served, counting_from


class PublishCalendar(Command):
    """`from_day`: since when whoever is served by an earlier version is served by this one; null:
    the day it is published, in its zone. Timers that run keep the version they were counted by.
    `serves`: a market that is served by it from then on, if it has no calendar of its own."""

    PURPOSE: ClassVar[str] = "dpv:ServiceProvision"
    ROLES: ClassVar[frozenset[str]] = frozenset({"crm_admin", "department_head", "management"})

    calendar_id: CalendarId
    version: Version
    from_day: date | None = None
    serves: MarketCode | None = None


def publish_calendar(command: PublishCalendar, desk: Desk) -> Append:
    history, calendar = found(desk, command.calendar_id)
    when = desk.when(command)
    events = calendar.publish(command.version, by=desk.actor, **when)
    assert calendar.draft is not None, "what is published was drafted"
    known, assignments = register(desk)
    first = counting_from(command.from_day, local_day(desk, calendar.draft.content.zone))
    assigned = assignments.succeed(
        command.calendar_id, command.version, first, by=desk.actor, **when
    )
    market = None if command.serves is None else Served(command.serves)
    if market is not None and assignments.held(market, first) is None:
        assigned += assignments.assign(
            market, command.calendar_id, command.version, first, by=desk.actor, **when
        )
    writes = [written(desk, history, command.calendar_id, events)]
    if assigned:
        writes.append(registered(desk, known, assigned))
    return Append(writes=writes, ids={KIND: history.stream})
