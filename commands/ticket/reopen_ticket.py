"""What was taken for solved is not."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.fields import Code
from commands.ticket.case import find, recorded


class ReopenTicket(Command):
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "complaint_officer", "crm_admin"}
    )

    ticket_id: UUID
    why: Code


def reopen_ticket(command: ReopenTicket, desk: Desk) -> Append:
    history, ticket = find(desk, command.ticket_id)
    events = ticket.reopen(command.why, **desk.when(command))
    return recorded(desk, history, events)
