"""Access is taken away by decision, at once (CB-6.1b)."""

from __future__ import annotations

from typing import ClassVar

from commands.command import Append, Command, Desk
from commands.fields import StaffId
from commands.staff.record import find, recorded


class RevokeAccess(Command):
    PURPOSE: ClassVar[str] = "dpv:RecordManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"crm_admin", "department_head", "compliance_officer"}
    )

    staff_id: StaffId


def revoke_access(command: RevokeAccess, desk: Desk) -> Append:
    history, access = find(desk, command.staff_id)
    events = access.revoke(by=desk.actor, **desk.when(command))
    return recorded(desk, history, events)
