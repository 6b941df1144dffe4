"""A published version is approved, by another than who drafted or published it."""

from __future__ import annotations

from typing import ClassVar

from commands.calendar.draft_calendar import CalendarId, Version
from commands.calendar.record import KIND, found, written
from commands.command import Append, Command, Desk


class ApproveCalendar(Command):
    PURPOSE: ClassVar[str] = "dpv:ServiceProvision"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"department_head", "management", "approver", "compliance_officer"}
    )

    calendar_id: CalendarId
    version: Version


def approve_calendar(command: ApproveCalendar, desk: Desk) -> Append:
    history, calendar = found(desk, command.calendar_id)
    events = calendar.approve(command.version, by=desk.actor, **desk.when(command))
    writes = [written(desk, history, command.calendar_id, events)] if events else []
    return Append(writes=writes, ids={KIND: history.stream})
