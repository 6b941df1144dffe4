"""Somebody takes a ticket up. The customer has heard nothing yet."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.ticket.case import find, recorded


class StartWork(Command):
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "complaint_officer", "crm_admin"}
    )

    ticket_id: UUID


def start_work(command: StartWork, desk: Desk) -> Append:
    history, ticket = find(desk, command.ticket_id)
    events = ticket.start_work(**desk.when(command))
    return recorded(desk, history, events)
