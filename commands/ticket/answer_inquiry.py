"""What the customer asked is answered (OS-3.2-2b)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.customer.standing import customer_guard
from commands.fields import Code, Text
from commands.ticket.case import find, recorded
from domain.personal import Personal


class AnswerInquiry(Command):
    """`knowledge_reference` is the article the answer rests on."""

    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "complaint_officer", "crm_admin"}
    )

    ticket_id: UUID
    topic: Code | None = None
    knowledge_reference: Code | None = None
    text: Text = Field(repr=False)


def answer_inquiry(command: AnswerInquiry, desk: Desk) -> Append:
    history, ticket = find(desk, command.ticket_id)
    guard = customer_guard(desk, history.subject)
    events = ticket.answer(
        staff=desk.actor,
        topic=command.topic,
        knowledge_reference=command.knowledge_reference,
        text=Personal(command.text),
        **desk.when(command),
    )
    return recorded(desk, history, events, guards=[guard])
