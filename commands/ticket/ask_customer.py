"""The customer is asked something; the ticket waits for their reply."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.customer.standing import customer_guard
from commands.fields import Text
from commands.ticket.case import find, recorded
from domain.personal import Personal


class AskCustomer(Command):
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "complaint_officer", "crm_admin"}
    )

    ticket_id: UUID
    text: Text = Field(repr=False)


def ask_customer(command: AskCustomer, desk: Desk) -> Append:
    history, ticket = find(desk, command.ticket_id)
    guard = customer_guard(desk, history.subject)
    events = ticket.ask_customer(Personal(command.text), staff=desk.actor, **desk.when(command))
    return recorded(desk, history, events, guards=[guard])
