"""A breach is excused: it stays one, and the reason stands beside it."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.fields import Code, StaffId
from commands.timers.case import found
from domain.promise_refusals import BreachNotExcusedByOneself, NoSuchBreach
from domain.timer_events import SlaBreachExcused
from domain.timers import running_timers, settled


class ExcuseBreach(Command):
    """Whoever asks approves it, for somebody else: `asked_by`."""

    PURPOSE: ClassVar[str] = "dpv:ServiceProvision"
    ROLES: ClassVar[frozenset[str]] = frozenset({"supervisor", "department_head", "management"})

    case_id: UUID
    timer: UUID
    why: Code
    asked_by: StaffId


def excuse_breach(command: ExcuseBreach, desk: Desk) -> Append:
    history = found(desk, command.case_id)
    when = desk.when(command)
    timer = settled(running_timers(history.timer_events), when["at"]).get(command.timer)
    if timer is None or not timer.breached:
        raise NoSuchBreach(timer=str(command.timer))
    if command.asked_by == desk.actor:
        raise BreachNotExcusedByOneself
    excused = SlaBreachExcused(
        timer=timer.id, reason=command.why, approver=desk.actor, at=when["at"]
    )
    write = desk.noted(history, [excused], when["at"])
    return Append(writes=[write], ids={history.kind: history.stream, "customer": history.subject})
