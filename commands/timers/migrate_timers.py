"""Running promises of a case move to another version of their policy or calendar."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import model_validator

from commands.command import Append, Command, Desk
from commands.fields import VersionName
from commands.timers.case import found
from domain.circumstances import circumstances
from domain.refusal import NotFound
from domain.retargeting import moved_to_calendar, moved_to_policy
from domain.timers import running_timers, settled


class MigrateTimers(Command):
    """To a version by name@version, of the policy or of the calendar they have now. A breach stays
    what it is; a promise that the other version does not make is cancelled."""

    PURPOSE: ClassVar[str] = "dpv:ServiceProvision"
    ROLES: ClassVar[frozenset[str]] = frozenset({"crm_admin", "department_head", "management"})

    case_id: UUID
    policy: VersionName | None = None
    calendar: VersionName | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> MigrateTimers:
        if (self.policy is None) == (self.calendar is None):
            raise ValueError("either policy or calendar")
        return self


def migrate_timers(command: MigrateTimers, desk: Desk) -> Append:
    """NotFound for a version that was never published."""
    history = found(desk, command.case_id)
    at = desk.when(command)["at"]
    timers = settled(running_timers(history.timer_events), at)
    if command.policy is not None:
        if command.policy not in desk.rules.published_names:
            raise NotFound(kind="policy", id=command.policy)
        case = circumstances(history.facts, history.market)
        moved = moved_to_policy(timers, desk.rules, case, at, command.policy)
    else:
        assert command.calendar is not None, "one of the two is given"
        calendar = desk.rules.calendar_named(command.calendar)
        moved = moved_to_calendar(timers, desk.rules, at, calendar)
    ids = {history.kind: history.stream, "customer": history.subject}
    writes = [desk.noted(history, moved, at)] if moved else []
    return Append(writes=writes, ids=ids)
