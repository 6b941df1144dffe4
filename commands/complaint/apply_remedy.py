"""A measure of the plan is carried out (OS-3.4-4d)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.complaint.case import find, recorded
from commands.fields import Code
from domain.complaint import remedy


class ApplyRemedy(Command):
    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"supervisor", "complaint_officer", "crm_admin", "department_head"}
    )

    complaint_id: UUID
    plan: int = Field(ge=1, lt=10**6)
    what: Code


def apply_remedy(command: ApplyRemedy, desk: Desk) -> Append:
    history, complaint = find(desk, command.complaint_id)
    events = remedy.apply(complaint, command.plan, what=command.what, **desk.when(command))
    return recorded(desk, history, events)
