"""A customer complains."""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from commands.command import Append, Command, Desk
from commands.complaint.case import folded
from commands.customer.receipt import at_receipt
from commands.fields import Code, CountryCode, LanguageTag, MarketCode, Text, personal
from domain.complaint.complaint import receive
from domain.complaint.events import ComplaintReceived
from domain.outside import outside_id
from domain.terms import Channel

Label = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class ReceiveComplaint(Command):
    """`source` and `number` are the outside system's and give the complaint its id, if both are
    given. `market`: default is the customer's. Products and issues are taken from a list of the
    source, and `respondent` names an organisation: none of them is sealed."""

    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "complaint_officer", "crm_admin", "importer", "system"}
    )

    customer_id: UUID
    channel: Channel
    market: MarketCode | None = None
    language: LanguageTag | None = None
    text: Text | None = Field(default=None, repr=False)
    product: Label | None = None
    sub_product: Label | None = None
    issue: Label | None = None
    sub_issue: Label | None = None
    respondent: Label | None = None
    vulnerability: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    source: Code | None = None
    number: Code | None = None
    country: CountryCode | None = None
    region: Code | None = None

    @model_validator(mode="after")
    def _numbered_by_somebody(self) -> ReceiveComplaint:
        if self.number is not None and self.source is None:
            raise ValueError("number needs the source it is from")
        return self


def receive_complaint(command: ReceiveComplaint, desk: Desk) -> Append:
    customer = at_receipt(desk, command.customer_id)
    market = command.market or customer.market
    complaint_id, found = desk.new_id(), None
    if command.source is not None and command.number is not None:
        complaint_id = outside_id("complaint", command.source, command.number)
        found = desk.record.history(complaint_id)
    events = receive(
        None if found is None else folded(found),
        ComplaintReceived(
            customer=command.customer_id,
            channel=command.channel,
            market=market,
            language=command.language,
            tier=customer.tier,
            text=personal(command.text),
            product=command.product,
            sub_product=command.sub_product,
            issue=command.issue,
            sub_issue=command.sub_issue,
            respondent=command.respondent,
            vulnerability=command.vulnerability,
            source=command.source,
            number=command.number,
            country=command.country,
            region=command.region,
            **desk.when(command),
        ),
    )
    ids = {"complaint": complaint_id, "customer": command.customer_id}
    if not events:
        return Append(writes=[], ids=ids)
    write = desk.begin("complaint", complaint_id, command.customer_id, events, market=market)
    return Append(writes=[write], guards=[customer.guard], ids=ids)
