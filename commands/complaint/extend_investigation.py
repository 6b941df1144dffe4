"""The customer agrees to a later time for the result (OS-3.4-3c)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from commands.command import Append, Command, Desk, History
from commands.complaint.case import find, recorded
from commands.fields import Code
from domain.complaint.events import ComplaintDeadlineExtended
from domain.complaint.refusals import NothingToExtend
from domain.event import Event
from domain.policy.target import WorkingDays
from domain.timers import running_timers


class ExtendInvestigation(Command):
    """Until a time agreed, or by so many working days more than were promised."""

    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"supervisor", "complaint_officer", "crm_admin", "department_head"}
    )

    complaint_id: UUID
    why: Code
    told_customer: bool
    agreed_due: AwareDatetime | None = None
    working_days: int | None = Field(default=None, gt=0, le=366)

    @model_validator(mode="after")
    def _one_of_two(self) -> ExtendInvestigation:
        if (self.agreed_due is None) == (self.working_days is None):
            raise ValueError("either agreed_due or working_days")
        return self


def extend_investigation(command: ExtendInvestigation, desk: Desk) -> Append:
    history, complaint = find(desk, command.complaint_id)
    events = complaint.extend_investigation(
        reason=command.why,
        told_customer=command.told_customer,
        agreed_due=command.agreed_due or _later(command, desk, history),
        **desk.when(command),
    )
    return recorded(desk, history, events)


def _later(command: ExtendInvestigation, desk: Desk, history: History) -> datetime:
    """NothingToExtend if no promise in working days runs."""
    for timer in running_timers(history.timer_events).values():
        target = timer.target
        extended = timer.promise.extended_by == ComplaintDeadlineExtended.__name__
        if extended and not timer.ended and isinstance(target, WorkingDays):
            calendar = desk.rules.calendar_named(timer.calendar)
            began = Event(at=timer.promise.started_at)
            while timer.deadline is not None and target.due(calendar, began) < timer.deadline:
                target = replace(target, days=target.days + 1)
            longer = replace(target, days=target.days + (command.working_days or 0))
            return longer.due(calendar, began)
    raise NothingToExtend
