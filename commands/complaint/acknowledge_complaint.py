"""The customer is told at once that their complaint has arrived (CB-13.1a, OS-3.4-2c)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.complaint.case import find, recorded
from commands.customer.standing import customer_guard
from commands.fields import Text, personal


class AcknowledgeComplaint(Command):
    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "supervisor", "complaint_officer", "crm_admin"}
    )

    complaint_id: UUID
    apology: bool
    process_told: bool = False
    expected_time_told: bool = False
    text: Text | None = Field(default=None, repr=False)


def acknowledge_complaint(command: AcknowledgeComplaint, desk: Desk) -> Append:
    history, complaint = find(desk, command.complaint_id)
    guard = customer_guard(desk, history.subject)
    events = complaint.acknowledge(
        apology=command.apology,
        process_told=command.process_told,
        expected_time_told=command.expected_time_told,
        text=personal(command.text),
        **desk.when(command),
    )
    return recorded(desk, history, events, guards=[guard])
