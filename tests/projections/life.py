"""What happens in a shop: a story that leaves a row in every table."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from commands.complaint.acknowledge_complaint import AcknowledgeComplaint
from commands.complaint.receive_complaint import ReceiveComplaint
from commands.complaint.register_complaint import RegisterComplaint
from commands.customer.correct_profile import CorrectProfile
from commands.customer.evaluate_tier import EvaluateTier
from commands.customer.note_profile_change import NoteProfileChange
from commands.customer.register_customer import RegisterCustomer
from commands.fields import ProfileFields
from commands.order.cancel_order import CancelOrder
from commands.order.lines import Line
from commands.order.place_order import PlaceOrder
from commands.privacy.begin_destruction import BeginDestruction
from commands.privacy.evaluate_retention import EvaluateRetention
from commands.privacy.execute_privacy_request import ExecutePrivacyRequest
from commands.privacy.identify_requester import IdentifyRequester
from commands.privacy.receive_privacy_request import ReceivePrivacyRequest
from commands.privacy.restrict_processing import RestrictProcessing
from commands.ticket.ask_customer import AskCustomer
from commands.ticket.assign_ticket import AssignTicket
from commands.ticket.receive_inquiry import ReceiveInquiry
from commands.ticket.record_customer_reply import RecordCustomerReply
from commands.ticket.reopen_ticket import ReopenTicket
from commands.ticket.resolve_ticket import ResolveTicket
from domain.agreement.agreement import recipient_id
from domain.customer.profile import CorrectionReason, ProfileField
from domain.personal import Category
from domain.privacy.events import RequestType
from domain.terms import Channel, CollectionSource, ConsentScope
from tests.commands import consenting
from tests.commands.erasing import erase as erase
from tests.domain.agreed import PARTNER
from tests.projections.shop import EIGHT, Shop


class Life(NamedTuple):
    """One customer's ids."""

    customer: UUID
    order: UUID
    ticket: UUID
    complaint: UUID
    position: int


def after(minutes: int) -> datetime:
    """So long after eight o'clock, UTC: four in the afternoon in Shanghai."""
    return EIGHT + timedelta(minutes=minutes)


def lived(shop: Shop, number: int = 1, name: str = "Ada", market: str = "CN") -> Life:
    """Registered, bought, asked, waited, complained, moved; her tier was looked at."""
    customer = shop.ask(
        RegisterCustomer(
            collection_source=CollectionSource.PLATFORM_BACKEND,
            market=market,
            country="GB",
            profile=ProfileFields(name=name, email=f"{name}@example.org"),
            at=after(0),
        )
    ).ids["customer"]
    order = bought(shop, customer, f"A{number}", "12.345", 2)
    cancelled(shop, customer, f"C{number}", "12.345", -1)
    ticket = shop.ask(
        ReceiveInquiry(
            customer_id=customer,
            channel=Channel.EMAIL,
            subject="Where is it?",
            text=f"{name} waits",
            at=after(20),
        )
    ).ids["ticket"]
    for command in (
        AssignTicket(ticket_id=ticket, owner="bob", group="one", at=after(25)),
        AskCustomer(ticket_id=ticket, text="Which one?", at=after(30)),
        RecordCustomerReply(ticket_id=ticket, text="The blue one", at=after(45)),
        ResolveTicket(ticket_id=ticket, result="sent", at=after(50)),
        ReopenTicket(ticket_id=ticket, why="not_there", at=after(70)),
        AssignTicket(ticket_id=ticket, owner="cid", group="one", at=after(75)),
    ):
        shop.ask(command)
    complaint = shop.ask(
        ReceiveComplaint(
            customer_id=customer,
            channel=Channel.PHONE,
            product="pads",
            text="Still not there",
            vulnerability=("older_person",),
            at=after(80),
        )
    ).ids["complaint"]
    for later in (
        AcknowledgeComplaint(complaint_id=complaint, apology=True, at=after(81)),
        RegisterComplaint(
            complaint_id=complaint,
            complaint_kind="delivery",
            content="late",
            demand="the money back",
            claim_amount=Decimal("24.69"),
            currency="GBP",
            at=after(82),
        ),
        EvaluateTier(
            customer_id=customer,
            scheme="retail",
            as_of=date(2026, 3, 2),
            position=1,
            indicators={"orders_365d": Decimal(3), "net_365d": Decimal("1000.500")},
            at=after(90),
        ),
        NoteProfileChange(customer_id=customer, fields=(ProfileField.EMAIL,), at=after(95)),
    ):
        shop.ask(later)
    agreed_and_shared(shop, customer)
    corrected = shop.ask(
        CorrectProfile(
            customer_id=customer,
            why=CorrectionReason.CUSTOMER_REPORTED,
            profile=ProfileFields(email=f"{name}@example.com"),
            country="IE",
            at=after(100),
        )
    )
    assert corrected.position is not None
    return Life(customer, order, ticket, complaint, corrected.position)


def agreed_and_shared(shop: Shop, customer: UUID) -> None:
    """Told what for, agreed to two uses, took one back; the partner got her contact data."""
    agreement = shop.ask(consenting.agreement(after(-60), after(60))).ids["agreement"]
    if "ConfidentialityAgreementSigned" not in types_of(shop, recipient_id(PARTNER)):
        shop.ask(consenting.signature(agreement, at=after(0)), role="department_head")
    for command in (
        consenting.notice(customer, at=after(0)),
        consenting.consent(customer, at=after(0), expires_at=after(600)),
        consenting.consent_to_share(customer, at=after(0)),
        consenting.consent_to_share(customer, scope=ConsentScope.CROSS_BORDER, at=after(0)),
        consenting.sharing(customer),
        consenting.withdrawal(customer, at=after(0)),
    ):
        shop.ask(command)


def types_of(shop: Shop, stream: UUID) -> list[str]:
    return [r.header.type for r in shop.record.read_stream(stream)]


def bought(
    shop: Shop, customer: UUID, number: str, price: str, quantity: int, minutes: int = 5
) -> UUID:
    return shop.ask(
        PlaceOrder(
            customer_id=customer,
            source="shop",
            number=number,
            currency="GBP",
            country="GB",
            lines=(
                Line(stock_code="PADS", quantity=quantity, unit_price=Decimal(price)),
                Line(stock_code="GIFT", quantity=1, unit_price=Decimal(0)),
            ),
            at=after(minutes),
        )
    ).ids["order"]


def cancelled(
    shop: Shop, customer: UUID, number: str, price: str, quantity: int, minutes: int = 10
) -> UUID:
    return shop.ask(
        CancelOrder(
            customer_id=customer,
            source="shop",
            number=number,
            currency="GBP",
            country="GB",
            lines=(Line(stock_code="PADS", quantity=quantity, unit_price=Decimal(price)),),
            at=after(minutes),
        )
    ).ids["order"]


def erased_in_part(shop: Shop, customer: UUID, *categories: Category) -> UUID:
    """As the customer asked, step by step; no law and no open case keeps anything."""
    request = shop.ask(
        ReceivePrivacyRequest(
            customer_id=customer,
            request_type=RequestType.ERASURE,
            categories=categories,
            channel=Channel.EMAIL,
        )
    ).ids["request"]
    shop.ask(
        IdentifyRequester(customer_id=customer, request=request, method="callback"),
        actor="cleo",
        role="compliance_officer",
    )
    for step in (
        EvaluateRetention(
            customer_id=customer, request=request, last_order_on=None, open_cases=0, position=1
        ),
        RestrictProcessing(customer_id=customer, request=request),
        BeginDestruction(customer_id=customer, request=request),
        ExecutePrivacyRequest(customer_id=customer, request=request),
    ):
        shop.ask(step, role="system")
    return request
