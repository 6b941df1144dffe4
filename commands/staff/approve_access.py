"""A request for access is approved, by another than who asked or is asked for (RR-T-3.3c)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.fields import StaffId
from commands.staff.record import find, recorded


class ApproveAccess(Command):
    PURPOSE: ClassVar[str] = "dpv:RecordManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset({"department_head", "management", "approver"})

    staff_id: StaffId
    request: UUID


def approve_access(command: ApproveAccess, desk: Desk) -> Append:
    history, access = find(desk, command.staff_id)
    events = access.approve(command.request, by=desk.actor, **desk.when(command))
    return recorded(desk, history, events)
