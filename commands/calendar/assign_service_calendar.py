"""Whose hours serve a market, one of its channels, or one of its teams, from a day on."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, TypeAlias

from pydantic import StringConstraints

from commands.calendar.draft_calendar import CalendarId, Version
from commands.calendar.record import KIND, found, local_day, register, registered
from commands.command import Append, Command, Desk
from commands.fields import Code, MarketCode
from domain.calendar.assignment import Served, counting_from
from domain.terms import Channel

HoursKind: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]


class AssignServiceCalendar(Command):
    """`channel`, `team` null: all that have none of their own. `kind`: hours for some rules only,
    as "statutory"; null: of the service. `from_day` null: today, in the calendar's zone."""

    PURPOSE: ClassVar[str] = "dpv:ServiceProvision"
    ROLES: ClassVar[frozenset[str]] = frozenset({"crm_admin", "department_head", "management"})

    market: MarketCode
    channel: Channel | None = None
    team: Code | None = None
    kind: HoursKind | None = None
    calendar_id: CalendarId
    version: Version
    from_day: date | None = None


def assign_service_calendar(command: AssignServiceCalendar, desk: Desk) -> Append:
    history, calendar = found(desk, command.calendar_id)
    zone = calendar.version(command.version).drafted.content.zone
    known, assignments = register(desk)
    events = assignments.assign(
        Served(command.market, command.channel, command.team, command.kind),
        command.calendar_id,
        command.version,
        counting_from(command.from_day, local_day(desk, zone)),
        by=desk.actor,
        **desk.when(command),
    )
    writes = [registered(desk, known, events)] if events else []
    return Append(writes=writes, ids={KIND: history.stream})
