"""What a duty asks for in its period was done."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.duty.record import find, recorded
from commands.fields import Code
from domain.staff.roles import STAFF_ROLES


class PerformDuty(Command):
    """By whoever asks, in the role whose duty it is; `what` names it, or where it is filed. An
    auditor records nothing."""

    PURPOSE: ClassVar[str] = "dpv:RecordManagement"
    ROLES: ClassVar[frozenset[str]] = STAFF_ROLES - {"auditor"} | {"system"}

    duty_id: UUID
    what: Code


def perform_duty(command: PerformDuty, desk: Desk) -> Append:
    history, duty = find(desk, command.duty_id)
    when = desk.when(command)
    return recorded(
        desk, history, duty.perform(command.what, by=desk.actor, role=desk.role, **when)
    )
