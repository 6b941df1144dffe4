"""A complaint is found simple or complex, and major or not (CB-13.2a, OS-3.4-4c)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.complaint.case import find, recorded
from commands.fields import JurisdictionCode
from domain.complaint.events import ComplaintClassified
from domain.terms import Complexity, Severity


class ClassifyComplaint(Command):
    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"supervisor", "complaint_officer", "crm_admin", "department_head"}
    )

    complaint_id: UUID
    complexity: Complexity
    severity: Severity = Severity.NORMAL
    jurisdiction: JurisdictionCode | None = None
    compliance_risk: bool = False


def classify_complaint(command: ClassifyComplaint, desk: Desk) -> Append:
    history, complaint = find(desk, command.complaint_id)
    events = complaint.classify(
        ComplaintClassified(
            complexity=command.complexity,
            severity=command.severity,
            jurisdiction=command.jurisdiction,
            compliance_risk=command.compliance_risk,
            **desk.when(command),
        )
    )
    return recorded(desk, history, events)
