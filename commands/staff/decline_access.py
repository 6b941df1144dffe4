"""A request for access is declined."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.fields import StaffId
from commands.staff.record import find, recorded


class DeclineAccess(Command):
    PURPOSE: ClassVar[str] = "dpv:RecordManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset({"department_head", "management", "approver"})

    staff_id: StaffId
    request: UUID


def decline_access(command: DeclineAccess, desk: Desk) -> Append:
    history, access = find(desk, command.staff_id)
    events = access.decline(command.request, by=desk.actor, **desk.when(command))
    return recorded(desk, history, events)
