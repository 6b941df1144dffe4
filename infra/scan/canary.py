"""A canary: somebody who does not exist, with values found nowhere else, sent through the product
to see whether any of them ever comes to rest in the open."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from commands.command import Command
from commands.customer.record_interaction import RecordInteraction
from commands.customer.register_customer import RegisterCustomer
from commands.fields import ProfileFields
from commands.ticket.add_internal_note import AddInternalNote
from commands.ticket.close_ticket import CloseTicket
from commands.ticket.receive_inquiry import ReceiveInquiry
from commands.ticket.resolve_ticket import ResolveTicket
from domain.terms import Channel, CollectionSource, Direction
from infra.dispatch import Caller, Result
from infra.product import Product, new_id
from infra.projector import catch_up
from infra.scan.ending import erased
from infra.scan.needles import Needles
from infra.scan.report import Heard, Report, unheard
from infra.scan.scan import scan

MARKET = "DE"


class Persona(NamedTuple):
    """Values nobody else has; `text` is free text, `external_id` what a shop calls them."""

    name: str
    company: str
    email: str
    phone: str
    address: str
    text: str
    external_id: str

    @classmethod
    def fresh(cls) -> Persona:
        def letters(n: int) -> str:
            return "".join(secrets.choice("bcdfghjklmnpqrstvwxz") for _ in range(n))

        digits = "".join(secrets.choice("0123456789") for _ in range(9))
        return cls(
            name=f"Zoë {letters(5).title()}{letters(5)} {letters(9).title()}",
            company=f"{letters(7).title()} {letters(6)} GmbH",
            email=f"{letters(6)}.{letters(6)}+q@{letters(7)}-canary.example",
            phone=f"+491575{digits[:7]}",
            address=f"{letters(10).title()}weg {digits[7:]}, {letters(8).title()}",
            text=f"Bitte {letters(9)} niemals {letters(9)} öffnen",
            external_id=f"ext-{letters(14)}",
        )

    def needles(self) -> Needles:
        return Needles(self)

    def profile(self) -> ProfileFields:
        return ProfileFields(
            name=self.name,
            company=self.company,
            email=self.email,
            phone=self.phone,
            address=self.address,
            note=self.text,
        )


def canary(
    product: Product, heard: Heard = unheard, between: Callable[[], None] = lambda: None
) -> tuple[Report, Report]:
    """What a scan found while the canary was on record, and once it was erased.

    An erased customer stays behind, of whom nothing is known. `between` is called after the first.
    """
    persona = Persona.fresh()
    customer = _live(product, persona)
    catch_up(product.addresses.database_url)
    before = scan(product.home, product.addresses, persona.needles(), heard)
    between()
    erased(product, customer)
    catch_up(product.addresses.database_url)
    return before, scan(product.home, product.addresses, persona.needles(), heard)


def _live(product: Product, persona: Persona) -> UUID:
    registered = RegisterCustomer(
        collection_source=CollectionSource.CUSTOMER_SUBMITTED,
        market=MARKET,
        profile=persona.profile(),
        source="canary",
        external_id=persona.external_id,
    )
    customer = _ask(product, registered).ids["customer"]
    _ask(
        product,
        RecordInteraction(
            customer_id=customer,
            channel=Channel.EMAIL,
            direction=Direction.INBOUND,
            content=persona.text,
        ),
    )
    inquiry = ReceiveInquiry(customer_id=customer, channel=Channel.EMAIL, text=persona.text)
    ticket = _ask(product, inquiry).ids["ticket"]
    _ask(product, AddInternalNote(ticket_id=ticket, text=persona.text))
    for step in (ResolveTicket(ticket_id=ticket), CloseTicket(ticket_id=ticket)):
        _ask(product, step)
    return customer


def _ask(product: Product, command: Command) -> Result:
    role = "crm_admin" if "crm_admin" in command.ROLES else min(command.ROLES)
    return product.dispatcher.dispatch(command, Caller("system:canary", role), new_id())
