"""A drafted version is published: it never changes again, and takes the place of the one before."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from commands.calendar.draft_calendar import CalendarId, Version
from commands.calendar.record import KIND, found, register, registered, today, written
from commands.command import Append, Command, Desk


class PublishCalendar(Command):
    """`from_day`: since when whoever is served by an earlier version is served by this one; null:
    the day it is published, in its zone. Timers that run keep the version they were counted by."""

    PURPOSE: ClassVar[str] = "dpv:ServiceProvision"
    ROLES: ClassVar[frozenset[str]] = frozenset({"crm_admin", "department_head", "management"})

    calendar_id: CalendarId
    version: Version
    from_day: date | None = None


def publish_calendar(command: PublishCalendar, desk: Desk) -> Append:
    history, calendar = found(desk, command.calendar_id)
    when = desk.when(command)
    events = calendar.publish(command.version, by=desk.actor, **when)
    assert calendar.draft is not None, "what is published was drafted"
    known, assignments = register(desk)
    succeeded = assignments.succeed(
        command.calendar_id,
        command.version,
        command.from_day,
        today=today(desk, calendar.draft.content.zone),
        by=desk.actor,
        **when,
    )
    writes = [written(desk, history, command.calendar_id, events)]
    if succeeded:
        writes.append(registered(desk, known, succeeded))
    return Append(writes=writes, ids={KIND: history.stream})
