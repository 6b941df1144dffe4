"""A ticket is given to a person, a group, or a person in a group."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.fields import Code, StaffId
from commands.ticket.case import find, recorded


class AssignTicket(Command):
    """The whole assignment: what is left out is nobody."""

    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "complaint_officer", "crm_admin", "system"}
    )

    ticket_id: UUID
    owner: StaffId | None = None
    group: Code | None = None


def assign_ticket(command: AssignTicket, desk: Desk) -> Append:
    history, ticket = find(desk, command.ticket_id)
    events = ticket.assign(owner=command.owner, group=command.group, **desk.when(command))
    return recorded(desk, history, events)
