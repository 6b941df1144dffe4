"""The department head reviews a plan (OS-3.4-4b)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.complaint.case import find, recorded
from commands.fields import Code
from domain.complaint import remedy


class ReviewRemedyPlan(Command):
    """Whoever asks is the reviewer."""

    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset({"department_head"})

    complaint_id: UUID
    plan: int = Field(ge=1, lt=10**6)
    passed: bool
    why: Code | None = None


def review_remedy_plan(command: ReviewRemedyPlan, desk: Desk) -> Append:
    history, complaint = find(desk, command.complaint_id)
    events = remedy.review(
        complaint,
        command.plan,
        passed=command.passed,
        reviewer=desk.actor,
        reviewer_role=desk.role,
        reason=command.why,
        **desk.when(command),
    )
    return recorded(desk, history, events)
