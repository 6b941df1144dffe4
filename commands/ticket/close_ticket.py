"""A resolved ticket is closed for good."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.ticket.case import find, recorded


class CloseTicket(Command):
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "complaint_officer", "crm_admin", "system"}
    )

    ticket_id: UUID


def close_ticket(command: CloseTicket, desk: Desk) -> Append:
    history, ticket = find(desk, command.ticket_id)
    events = ticket.close(**desk.when(command))
    return recorded(desk, history, events, status="closed")
