"""A note among staff. The customer never sees it and it stops no clock."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.customer.standing import customer_guard
from commands.fields import Text
from commands.ticket.case import find, recorded
from domain.personal import Personal


class AddInternalNote(Command):
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "complaint_officer", "crm_admin"}
    )

    ticket_id: UUID
    text: Text = Field(repr=False)


def add_internal_note(command: AddInternalNote, desk: Desk) -> Append:
    history, ticket = find(desk, command.ticket_id)
    guard = customer_guard(desk, history.subject)
    events = ticket.add_note(Personal(command.text), staff=desk.actor, **desk.when(command))
    return recorded(desk, history, events, guards=[guard])
