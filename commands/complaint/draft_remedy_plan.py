"""A plan says what is done for the customer, by whom and by when (OS-3.4-4a)."""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from commands.command import Append, Command, Desk
from commands.complaint.case import find, recorded
from commands.customer.standing import customer_guard
from commands.fields import Code, StaffId, Text
from domain.complaint import remedy
from domain.personal import Personal


class DraftRemedyPlan(Command):
    """Whoever asks has drafted it. Plans are numbered from 1 within their complaint."""

    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"supervisor", "complaint_officer", "crm_admin", "department_head"}
    )

    complaint_id: UUID
    remedy_kinds: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]
    measures: Text = Field(repr=False)
    responsible: StaffId | None = None
    due_at: AwareDatetime | None = None


def draft_remedy_plan(command: DraftRemedyPlan, desk: Desk) -> Append:
    history, complaint = find(desk, command.complaint_id)
    guard = customer_guard(desk, history.subject)
    events = remedy.draft(
        complaint,
        remedy_kinds=command.remedy_kinds,
        measures=Personal(command.measures),
        responsible=command.responsible,
        due_at=command.due_at,
        drafted_by=desk.actor,
        **desk.when(command),
    )
    return recorded(desk, history, events, guards=[guard])
