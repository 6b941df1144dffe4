"""An automatic text went out to the customer. It answers nothing and stops no clock."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.customer.standing import customer_guard
from commands.fields import Text, personal
from commands.ticket.case import find, recorded


class RecordAutoReply(Command):
    ROLES: ClassVar[frozenset[str]] = frozenset({"crm_admin", "importer", "system"})

    ticket_id: UUID
    text: Text | None = Field(default=None, repr=False)


def record_auto_reply(command: RecordAutoReply, desk: Desk) -> Append:
    history, ticket = find(desk, command.ticket_id)
    guard = customer_guard(desk, history.subject)
    events = ticket.auto_reply(personal(command.text), **desk.when(command))
    return recorded(desk, history, events, guards=[guard])
