"""An approved request is carried out: from now on the access is held (CB-6.1b, RR-T-3.3c)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.fields import StaffId
from commands.staff.record import find, recorded


class GrantAccess(Command):
    PURPOSE: ClassVar[str] = "dpv:RecordManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset({"crm_admin"})

    staff_id: StaffId
    request: UUID


def grant_access(command: GrantAccess, desk: Desk) -> Append:
    history, access = find(desk, command.staff_id)
    events = access.grant(command.request, by=desk.actor, **desk.when(command))
    return recorded(desk, history, events)
