"""A customer asks something: a ticket is opened."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field, model_validator

from commands.command import Append, Command, Desk
from commands.customer.receipt import at_receipt
from commands.fields import Code, LanguageTag, MarketCode, Name, Text, personal
from commands.ticket.case import folded
from domain.outside import outside_id
from domain.terms import Channel
from domain.ticket.events import InquiryReceived
from domain.ticket.ticket import receive


class ReceiveInquiry(Command):
    """`source` and `number` are the outside system's and give the ticket its id, if both are
    given. `market`: default is the customer's."""

    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "complaint_officer", "crm_admin", "importer", "system"}
    )

    customer_id: UUID
    channel: Channel
    market: MarketCode | None = None
    language: LanguageTag | None = None
    subject: Name | None = Field(default=None, repr=False)
    text: Text | None = Field(default=None, repr=False)
    category: Code | None = None
    priority: Code | None = None
    impact: Code | None = None
    urgency: Code | None = None
    source: Code | None = None
    number: Code | None = None

    @model_validator(mode="after")
    def _numbered_by_somebody(self) -> ReceiveInquiry:
        if self.number is not None and self.source is None:
            raise ValueError("number needs the source it is from")
        return self


def receive_inquiry(command: ReceiveInquiry, desk: Desk) -> Append:
    customer = at_receipt(desk, command.customer_id)
    market = command.market or customer.market
    ticket_id, found = desk.new_id(), None
    if command.source is not None and command.number is not None:
        ticket_id = outside_id("ticket", command.source, command.number)
        found = desk.record.history(ticket_id)
    events = receive(
        None if found is None else folded(found),
        InquiryReceived(
            customer=command.customer_id,
            channel=command.channel,
            market=market,
            language=command.language,
            tier=customer.tier,
            subject=personal(command.subject),
            text=personal(command.text),
            category=command.category,
            priority=command.priority,
            impact=command.impact,
            urgency=command.urgency,
            source=command.source,
            number=command.number,
            **desk.when(command),
        ),
    )
    ids = {"ticket": ticket_id, "customer": command.customer_id}
    if not events:
        return Append(writes=[], ids=ids)
    write = desk.begin("ticket", ticket_id, command.customer_id, events, market=market)
    return Append(writes=[write], guards=[customer.guard], ids=ids)
