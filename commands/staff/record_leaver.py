"""Somebody has left: their access ends at once (CB-14.1e, RR-A-3.3)."""

from __future__ import annotations

from typing import ClassVar

from commands.command import Append, Command, Desk
from commands.fields import StaffId
from commands.staff.record import find, recorded


class RecordLeaver(Command):
    PURPOSE: ClassVar[str] = "dpv:RecordManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset({"crm_admin", "department_head"})

    staff_id: StaffId


def record_leaver(command: RecordLeaver, desk: Desk) -> Append:
    history, access = find(desk, command.staff_id)
    events = access.leave(by=desk.actor, now=desk.now, **desk.when(command))
    return recorded(desk, history, events)
