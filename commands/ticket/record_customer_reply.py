"""The customer wrote: a reply if they were asked, else a message of their own."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.customer.standing import customer_guard
from commands.fields import Text, personal
from commands.ticket.case import find, recorded


class RecordCustomerReply(Command):
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "complaint_officer", "crm_admin", "importer", "system"}
    )

    ticket_id: UUID
    text: Text | None = Field(default=None, repr=False)


def record_customer_reply(command: RecordCustomerReply, desk: Desk) -> Append:
    history, ticket = find(desk, command.ticket_id)
    guard = customer_guard(desk, history.subject)
    events = ticket.customer_wrote(personal(command.text), **desk.when(command))
    return recorded(desk, history, events, guards=[guard])
