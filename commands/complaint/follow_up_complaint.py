"""The customer is asked whether they are satisfied with the result (CB-13.3a, OS-3.4-5b)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.complaint.case import find, recorded
from commands.customer.standing import customer_guard
from commands.fields import Text, personal


class FollowUpComplaint(Command):
    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "supervisor", "complaint_officer", "crm_admin"}
    )

    complaint_id: UUID
    satisfied: bool
    suggestions: Text | None = Field(default=None, repr=False)


def follow_up_complaint(command: FollowUpComplaint, desk: Desk) -> Append:
    history, complaint = find(desk, command.complaint_id)
    guard = customer_guard(desk, history.subject)
    events = complaint.follow_up(
        satisfied=command.satisfied, suggestions=personal(command.suggestions), **desk.when(command)
    )
    return recorded(desk, history, events, guards=[guard])
