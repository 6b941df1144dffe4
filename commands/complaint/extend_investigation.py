"""The customer agrees to a later time for the result (OS-3.4-3c)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from commands.command import Append, Command, Desk
from commands.complaint.case import find, recorded
from commands.fields import Code


class ExtendInvestigation(Command):
    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"supervisor", "complaint_officer", "crm_admin", "department_head"}
    )

    complaint_id: UUID
    why: Code
    told_customer: bool
    agreed_due: AwareDatetime


def extend_investigation(command: ExtendInvestigation, desk: Desk) -> Append:
    history, complaint = find(desk, command.complaint_id)
    events = complaint.extend_investigation(
        reason=command.why,
        told_customer=command.told_customer,
        agreed_due=command.agreed_due,
        **desk.when(command),
    )
    return recorded(desk, history, events)
