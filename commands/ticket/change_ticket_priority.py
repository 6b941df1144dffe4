"""A ticket turns out more or less urgent than it was."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.fields import Code
from commands.ticket.case import find, recorded


class ChangeTicketPriority(Command):
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "complaint_officer", "crm_admin"}
    )

    ticket_id: UUID
    priority: Code
    impact: Code | None = None
    urgency: Code | None = None


def change_ticket_priority(command: ChangeTicketPriority, desk: Desk) -> Append:
    history, ticket = find(desk, command.ticket_id)
    events = ticket.change_priority(
        command.priority, impact=command.impact, urgency=command.urgency, **desk.when(command)
    )
    return recorded(desk, history, events)
