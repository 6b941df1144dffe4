"""A complaint is closed for good (CB-13.3b, OS-3.4-5c)."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.complaint.case import find, recorded
from domain.complaint.events import CloseBasis


class CloseComplaint(Command):
    """By exception, whoever asks approves it."""

    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "supervisor", "complaint_officer", "crm_admin", "department_head", "management"}
    )

    complaint_id: UUID
    basis: Literal[CloseBasis.SATISFIED, CloseBasis.APPROVED_EXCEPTION]


def close_complaint(command: CloseComplaint, desk: Desk) -> Append:
    history, complaint = find(desk, command.complaint_id)
    events = complaint.close(command.basis, closer=desk.actor, role=desk.role, **desk.when(command))
    return recorded(desk, history, events, status="closed")
