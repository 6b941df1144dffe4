"""A complaint goes on to the organisation or department that has to answer."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.complaint.case import find, recorded
from commands.fields import Name


class ReferComplaint(Command):
    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"supervisor", "complaint_officer", "crm_admin", "department_head"}
    )

    complaint_id: UUID
    to: Name


def refer_complaint(command: ReferComplaint, desk: Desk) -> Append:
    history, complaint = find(desk, command.complaint_id)
    events = complaint.refer(command.to, **desk.when(command))
    return recorded(desk, history, events)
