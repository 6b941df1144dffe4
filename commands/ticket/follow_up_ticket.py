"""The customer is asked whether they are satisfied (OS-3.2-4b, CB-12.2d)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.customer.standing import customer_guard
from commands.fields import Text, personal
from commands.ticket.case import find, recorded


class FollowUpTicket(Command):
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "complaint_officer", "crm_admin"}
    )

    ticket_id: UUID
    satisfaction: int | None = None
    suggestions: Text | None = Field(default=None, repr=False)


def follow_up_ticket(command: FollowUpTicket, desk: Desk) -> Append:
    history, ticket = find(desk, command.ticket_id)
    guard = customer_guard(desk, history.subject)
    events = ticket.follow_up(
        satisfaction=command.satisfaction,
        suggestions=personal(command.suggestions),
        **desk.when(command),
    )
    return recorded(desk, history, events, guards=[guard])
