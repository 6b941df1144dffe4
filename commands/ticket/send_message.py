"""A person writes to the customer. If nobody has yet, this is the first response."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.customer.standing import customer_guard
from commands.fields import LanguageTag, Text
from commands.ticket.case import find, recorded
from domain.personal import Personal


class SendMessage(Command):
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "complaint_officer", "crm_admin"}
    )

    ticket_id: UUID
    language: LanguageTag | None = None
    text: Text = Field(repr=False)


def send_message(command: SendMessage, desk: Desk) -> Append:
    history, ticket = find(desk, command.ticket_id)
    guard = customer_guard(desk, history.subject)
    events = ticket.send_message(
        staff=desk.actor,
        language=command.language,
        text=Personal(command.text),
        **desk.when(command),
    )
    return recorded(desk, history, events, guards=[guard])
