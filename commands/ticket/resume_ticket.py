"""A ticket waits no longer."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.ticket.case import find, recorded


class ResumeTicket(Command):
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "complaint_officer", "crm_admin"}
    )

    ticket_id: UUID


def resume_ticket(command: ResumeTicket, desk: Desk) -> Append:
    history, ticket = find(desk, command.ticket_id)
    events = ticket.resume(**desk.when(command))
    return recorded(desk, history, events)
