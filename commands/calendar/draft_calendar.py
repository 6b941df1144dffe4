"""A version of a calendar is drafted: hours of the week, days off, dates of their own."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from commands.calendar.record import KIND, find, written
from commands.command import Append, Command, Desk, HeaderText
from domain.calendar.calendar import calendar_stream
from domain.calendar.content import CalendarContent, DayOff, Override, OverrideKind

CalendarId: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$")
]
Version: TypeAlias = Annotated[int, Field(ge=1, le=1_000_000)]
Year: TypeAlias = Annotated[int, Field(ge=1900, le=2200)]
Hours: TypeAlias = Annotated[
    tuple[Annotated[str, StringConstraints(min_length=1, max_length=20)], ...],
    Field(max_length=24),
]
"""Windows by the wall clock, as in "09:00-18:00"; whether they are right is the domain's to say."""
Zone: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class DayOffFields(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    day: date
    name: HeaderText
    source: HeaderText


class OverrideFields(DayOffFields):
    kind: OverrideKind
    hours: Hours = ()


class DraftCalendar(Command):
    """`version` null: the next one. `weekly` has seven entries from Monday. `years`: those whose
    days off are listed, none where there are none to list; from `provisional_from` on they have
    not been announced. Every day says its source."""

    PURPOSE: ClassVar[str] = "dpv:ServiceProvision"
    ROLES: ClassVar[frozenset[str]] = frozenset({"crm_admin", "supervisor", "department_head"})

    calendar_id: CalendarId
    version: Version | None = None
    says: HeaderText
    zone: Zone
    weekly: Annotated[tuple[Hours, ...], Field(min_length=7, max_length=7)]
    holidays: Annotated[tuple[DayOffFields, ...], Field(max_length=5_000)] = ()
    overrides: Annotated[tuple[OverrideFields, ...], Field(max_length=5_000)] = ()
    years: Annotated[tuple[Year, ...], Field(max_length=301)] = ()
    provisional_from: Year | None = None

    def content(self) -> CalendarContent:
        """As it is recorded, its days in order."""
        holidays = sorted(self.holidays, key=lambda one: one.day)
        overrides = sorted(self.overrides, key=lambda one: one.day)
        return CalendarContent(
            says=self.says,
            zone=self.zone,
            weekly=self.weekly,
            holidays=tuple(DayOff(**one.model_dump()) for one in holidays),
            overrides=tuple(Override(**one.model_dump()) for one in overrides),
            years=tuple(sorted(set(self.years))),
            provisional_from=self.provisional_from,
        )


def draft_calendar(command: DraftCalendar, desk: Desk) -> Append:
    history, calendar = find(desk, command.calendar_id)
    events = calendar.make_draft(
        command.content(), command.version, by=desk.actor, **desk.when(command)
    )
    writes = [written(desk, history, command.calendar_id, events)] if events else []
    return Append(writes=writes, ids={KIND: calendar_stream(command.calendar_id)})
