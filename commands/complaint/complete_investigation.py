"""Facts, responsible party and root cause are established (OS-3.4-3a)."""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.complaint.case import find, recorded
from commands.customer.standing import customer_guard
from commands.fields import Code, StaffId, Text
from domain.personal import Personal


class CompleteInvestigation(Command):
    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"supervisor", "complaint_officer", "crm_admin", "department_head"}
    )

    complaint_id: UUID
    facts: Text = Field(repr=False)
    responsible_party: Code
    root_cause: Code
    participants: Annotated[tuple[StaffId, ...], Field(max_length=50)] = ()


def complete_investigation(command: CompleteInvestigation, desk: Desk) -> Append:
    history, complaint = find(desk, command.complaint_id)
    guard = customer_guard(desk, history.subject)
    events = complaint.complete_investigation(
        facts=Personal(command.facts),
        responsible_party=command.responsible_party,
        root_cause=command.root_cause,
        participants=command.participants,
        **desk.when(command),
    )
    return recorded(desk, history, events, guards=[guard])
