"""A message that markets something is released to a customer, if they agreed to that (CB-14.3a)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.customer.standing import find
from commands.fields import Code, LanguageTag, Text
from domain.customer.consenting import release_marketing
from domain.customer.events import MarketingContactReleased
from domain.personal import Personal
from domain.terms import Channel, ConsentPurpose


class ReleaseMarketingContact(Command):
    """Asked before anything is sent, so `at` cannot be given: the consent has to hold now."""

    PURPOSE: ClassVar[str] = "dpv:Marketing"
    ROLES: ClassVar[frozenset[str]] = frozenset({"agent", "sales", "supervisor", "crm_admin"})

    at: None = None
    customer_id: UUID
    purpose: ConsentPurpose
    channel: Channel
    content: Text = Field(repr=False)
    language: LanguageTag | None = None
    campaign: Code | None = None


def release_marketing_contact(command: ReleaseMarketingContact, desk: Desk) -> Append:
    history, customer = find(desk, command.customer_id)
    events = release_marketing(
        customer,
        command.purpose,
        contact=desk.new_id(),
        channel=command.channel,
        content=Personal(command.content),
        language=command.language,
        campaign=command.campaign,
        **desk.when(command),
    )
    (released,) = (event for event in events if isinstance(event, MarketingContactReleased))
    return Append(
        writes=[desk.change(history, events)],
        ids={"customer": history.stream, "contact": released.contact},
        consent=released.consent,
    )
