"""A person answers the customer for the first time (CB-10.1a)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.customer.standing import customer_guard
from commands.fields import Code, LanguageTag, Text
from commands.ticket.case import find, recorded
from domain.personal import Personal


class SendFirstResponse(Command):
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "complaint_officer", "crm_admin"}
    )

    ticket_id: UUID
    language: LanguageTag | None = None
    template: Code | None = None
    text: Text = Field(repr=False)


def send_first_response(command: SendFirstResponse, desk: Desk) -> Append:
    history, ticket = find(desk, command.ticket_id)
    guard = customer_guard(desk, history.subject)
    events = ticket.first_response(
        staff=desk.actor,
        role=desk.role,
        language=command.language,
        template=command.template,
        text=Personal(command.text),
        **desk.when(command),
    )
    return recorded(desk, history, events, guards=[guard])
