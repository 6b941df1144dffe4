"""Management approves the plan for a major complaint (OS-3.4-4c)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.complaint.case import find, recorded
from domain.complaint import remedy


class ApproveRemedyPlan(Command):
    """Whoever asks is the approver."""

    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset({"management"})

    complaint_id: UUID
    plan: int = Field(ge=1, lt=10**6)


def approve_remedy_plan(command: ApproveRemedyPlan, desk: Desk) -> Append:
    history, complaint = find(desk, command.complaint_id)
    events = remedy.approve(
        complaint, command.plan, approver=desk.actor, approver_role=desk.role, **desk.when(command)
    )
    return recorded(desk, history, events)
