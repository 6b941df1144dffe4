"""A specialised requirement goes to a business department (OS-3.2-2c, OS-3.2-2d)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.fields import Code, StaffId
from commands.ticket.case import find, recorded


class ReferRequirement(Command):
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "complaint_officer", "crm_admin"}
    )

    ticket_id: UUID
    department: Code
    responsible: StaffId


def refer_requirement(command: ReferRequirement, desk: Desk) -> Append:
    history, ticket = find(desk, command.ticket_id)
    events = ticket.refer(
        department=command.department, responsible=command.responsible, **desk.when(command)
    )
    return recorded(desk, history, events)
