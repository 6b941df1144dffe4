"""A ticket waits for somebody or something."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.ticket.case import find, recorded
from domain.terms import WaitingFor


class PutTicketOnHold(Command):
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "complaint_officer", "crm_admin"}
    )

    ticket_id: UUID
    waiting_for: WaitingFor


def put_ticket_on_hold(command: PutTicketOnHold, desk: Desk) -> Append:
    history, ticket = find(desk, command.ticket_id)
    events = ticket.put_on_hold(command.waiting_for, **desk.when(command))
    return recorded(desk, history, events)
