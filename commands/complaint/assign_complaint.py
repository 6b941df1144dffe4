"""A complaint gets somebody who sees it through."""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.complaint.case import find, recorded
from commands.fields import StaffId


class AssignComplaint(Command):
    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"supervisor", "complaint_officer", "crm_admin", "department_head"}
    )

    complaint_id: UUID
    owner: StaffId
    participants: Annotated[tuple[StaffId, ...], Field(max_length=50)] = ()


def assign_complaint(command: AssignComplaint, desk: Desk) -> Append:
    history, complaint = find(desk, command.complaint_id)
    events = complaint.assign(
        owner=command.owner, participants=command.participants, **desk.when(command)
    )
    return recorded(desk, history, events)
