"""Somebody takes another post: the old one's access ends at once (RR-A-3.3)."""

from __future__ import annotations

from typing import ClassVar

from commands.command import Append, Command, Desk
from commands.fields import Code, StaffId
from commands.staff.record import find, recorded


class RecordPostChange(Command):
    PURPOSE: ClassVar[str] = "dpv:RecordManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset({"crm_admin", "department_head"})

    staff_id: StaffId
    post: Code


def record_post_change(command: RecordPostChange, desk: Desk) -> Append:
    history, access = find(desk, command.staff_id)
    events = access.change_post(command.post, by=desk.actor, now=desk.now, **desk.when(command))
    return recorded(desk, history, events)
