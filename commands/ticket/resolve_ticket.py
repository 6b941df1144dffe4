"""What the customer needed is done."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.fields import Code
from commands.ticket.case import find, recorded


class ResolveTicket(Command):
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "complaint_officer", "crm_admin"}
    )

    ticket_id: UUID
    result: Code | None = None


def resolve_ticket(command: ResolveTicket, desk: Desk) -> Append:
    history, ticket = find(desk, command.ticket_id)
    events = ticket.resolve(command.result, **desk.when(command))
    return recorded(desk, history, events)
