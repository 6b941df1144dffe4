"""A complaint has been put right."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.complaint.case import find, recorded
from commands.fields import Code


class ResolveComplaint(Command):
    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "supervisor", "complaint_officer", "crm_admin"}
    )

    complaint_id: UUID
    result: Code


def resolve_complaint(command: ResolveComplaint, desk: Desk) -> Append:
    history, complaint = find(desk, command.complaint_id)
    events = complaint.resolve(command.result, **desk.when(command))
    return recorded(desk, history, events)
