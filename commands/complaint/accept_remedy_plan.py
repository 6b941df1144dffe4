"""The customer accepts a plan (OS-3.4-4d)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.complaint.case import find, recorded
from domain.complaint import remedy


class AcceptRemedyPlan(Command):
    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "supervisor", "complaint_officer", "crm_admin"}
    )

    complaint_id: UUID
    plan: int = Field(ge=1, lt=10**6)


def accept_remedy_plan(command: AcceptRemedyPlan, desk: Desk) -> Append:
    history, complaint = find(desk, command.complaint_id)
    events = remedy.accept(complaint, command.plan, **desk.when(command))
    return recorded(desk, history, events)
