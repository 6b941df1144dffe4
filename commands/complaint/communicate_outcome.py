"""The customer is told the result formally (OS-3.4-5a)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.complaint.case import find, recorded
from commands.fields import Code


class CommunicateOutcome(Command):
    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "supervisor", "complaint_officer", "crm_admin"}
    )

    complaint_id: UUID
    outcome: Code | None = None
    satisfaction_asked: bool


def communicate_outcome(command: CommunicateOutcome, desk: Desk) -> Append:
    history, complaint = find(desk, command.complaint_id)
    events = complaint.communicate_outcome(
        outcome=command.outcome, satisfaction_asked=command.satisfaction_asked, **desk.when(command)
    )
    return recorded(desk, history, events)
