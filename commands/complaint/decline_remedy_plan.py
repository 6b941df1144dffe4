"""The customer does not accept a plan; another one is needed."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.complaint.case import find, recorded
from commands.fields import Code
from domain.complaint import remedy


class DeclineRemedyPlan(Command):
    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "supervisor", "complaint_officer", "crm_admin"}
    )

    complaint_id: UUID
    plan: int = Field(ge=1, lt=10**6)
    why: Code | None = None


def decline_remedy_plan(command: DeclineRemedyPlan, desk: Desk) -> Append:
    history, complaint = find(desk, command.complaint_id)
    events = remedy.decline(complaint, command.plan, reason=command.why, **desk.when(command))
    return recorded(desk, history, events)
