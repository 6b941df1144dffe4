"""Tickets from the first question to the last, through the record."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from pydantic import ValidationError

from commands.customer.evaluate_tier import EvaluateTier
from commands.customer.register_customer import RegisterCustomer
from commands.ticket.add_internal_note import AddInternalNote
from commands.ticket.answer_inquiry import AnswerInquiry
from commands.ticket.ask_customer import AskCustomer
from commands.ticket.assign_ticket import AssignTicket
from commands.ticket.change_ticket_priority import ChangeTicketPriority
from commands.ticket.close_ticket import CloseTicket
from commands.ticket.follow_up_ticket import FollowUpTicket
from commands.ticket.put_ticket_on_hold import PutTicketOnHold
from commands.ticket.receive_inquiry import ReceiveInquiry
from commands.ticket.record_auto_reply import RecordAutoReply
from commands.ticket.record_customer_reply import RecordCustomerReply
from commands.ticket.refer_requirement import ReferRequirement
from commands.ticket.reopen_ticket import ReopenTicket
from commands.ticket.resolve_ticket import ResolveTicket
from commands.ticket.resume_ticket import ResumeTicket
from commands.ticket.send_first_response import SendFirstResponse
from commands.ticket.send_message import SendMessage
from commands.ticket.start_work import StartWork
from domain.outside import outside_id
from domain.refusal import CustomerErased, NotFound, Refused
from domain.terms import Channel, CollectionSource, Tier, WaitingFor
from domain.ticket.events import (
    CustomerReplied,
    FirstResponseSent,
    InquiryReceived,
    RequirementReferred,
    TicketFollowedUp,
)
from domain.ticket.refusals import (
    AlreadyResponded,
    TicketAlreadyRecorded,
    TicketIsClosed,
)
from infra.dispatch import RoleNotAllowed
from tests.commands.erasing import erase
from tests.commands.office import Office

WORDS = "Where is my parcel?"


@pytest.fixture
def customer(office: Office) -> UUID:
    return registered(office)


@pytest.fixture
def ticket(office: Office, customer: UUID) -> UUID:
    return office.ask(inquiry(customer)).ids["ticket"]


def registered(office: Office) -> UUID:
    command = RegisterCustomer(collection_source=CollectionSource.PLATFORM_BACKEND, market="DE")
    return office.ask(command).ids["customer"]


def inquiry(customer: UUID, number: str | None = None) -> ReceiveInquiry:
    return ReceiveInquiry(
        customer_id=customer,
        channel=Channel.EMAIL,
        text=WORDS,
        source="desk" if number else None,
        number=number,
    )


@pytest.mark.clause("CB-10.3", "OS-3.2-2a")
def test_an_inquiry_opens_a_ticket_about_its_customer(
    office: Office, customer: UUID, ticket: UUID
) -> None:
    [received] = office.on_record(ticket, InquiryReceived)
    assert (received.customer, received.tier, received.market) == (customer, None, "DE")
    assert received.text is not None
    assert received.text.token is not None
    header = office.header(ticket, "InquiryReceived")
    assert (header.kind, header.subject, header.market) == ("ticket", customer, "DE")


@pytest.mark.clause("CB-10.1c")
def test_an_inquiry_keeps_the_tier_held_at_receipt(office: Office, customer: UUID) -> None:
    scheme = next(iter(office.dispatcher.rules.tiers.values()))
    office.ask(
        EvaluateTier(
            customer_id=customer,
            scheme=scheme.id,
            as_of=date(2026, 3, 1),
            position=1,
            indicators=dict.fromkeys(scheme.indicators, Decimal(10**6)),
        )
    )
    ticket = office.ask(inquiry(customer)).ids["ticket"]
    [received] = office.on_record(ticket, InquiryReceived)
    assert received.tier is Tier.CORE


def test_an_outside_number_is_one_ticket(office: Office, customer: UUID) -> None:
    first = office.ask(inquiry(customer, "INC0000045"))
    assert first.ids["ticket"] == outside_id("ticket", "desk", "INC0000045")
    again = office.ask(inquiry(customer, "INC0000045"))
    assert (again.ids["ticket"], again.position) == (first.ids["ticket"], None)
    with pytest.raises(TicketAlreadyRecorded):
        office.ask(inquiry(registered(office), "INC0000045"))


def test_a_number_without_its_source_is_malformed(customer: UUID) -> None:
    with pytest.raises(ValidationError, match="needs the source"):
        ReceiveInquiry(customer_id=customer, channel=Channel.EMAIL, number="7")


@pytest.mark.clause("CB-10.1a", "OS-3.2-4a")
def test_a_ticket_from_first_to_last(office: Office, ticket: UUID) -> None:
    for command in (
        AssignTicket(ticket_id=ticket, owner="ann", group="desk"),
        StartWork(ticket_id=ticket),
        SendFirstResponse(ticket_id=ticket, text=WORDS, language="de"),
        AddInternalNote(ticket_id=ticket, text=WORDS),
        ChangeTicketPriority(ticket_id=ticket, priority="high"),
        ReferRequirement(ticket_id=ticket, department="logistics", responsible="kim"),
        AskCustomer(ticket_id=ticket, text=WORDS),
        RecordCustomerReply(ticket_id=ticket, text=WORDS),
        PutTicketOnHold(ticket_id=ticket, waiting_for=WaitingFor.VENDOR),
        ResumeTicket(ticket_id=ticket),
        SendMessage(ticket_id=ticket, text=WORDS),
        AnswerInquiry(ticket_id=ticket, text=WORDS, topic="delivery"),
        ResolveTicket(ticket_id=ticket, result="answered"),
        ReopenTicket(ticket_id=ticket, why="not_solved"),
        ResolveTicket(ticket_id=ticket),
        FollowUpTicket(ticket_id=ticket, satisfaction=4, suggestions=WORDS),
        CloseTicket(ticket_id=ticket),
    ):
        office.now += timedelta(minutes=1)
        office.ask(command)
    [response] = office.on_record(ticket, FirstResponseSent)
    assert (response.staff, response.language) == ("ann", "de")
    [referred] = office.on_record(ticket, RequirementReferred)
    assert (referred.department, referred.responsible) == ("logistics", "kim")
    assert len(office.on_record(ticket, CustomerReplied)) == 1
    [followed_up] = office.on_record(ticket, TicketFollowedUp)
    assert followed_up.satisfaction == 4
    assert office.types(ticket)[-1] == "TicketClosed"
    with pytest.raises(TicketIsClosed):
        office.ask(ReopenTicket(ticket_id=ticket, why="not_solved"))


@pytest.mark.clause("CB-10.1a")
def test_an_automatic_text_leaves_the_first_response_open(office: Office, ticket: UUID) -> None:
    office.ask(RecordAutoReply(ticket_id=ticket, text="We have your message."), role="system")
    first = SendFirstResponse(ticket_id=ticket, text=WORDS)
    with pytest.raises(RoleNotAllowed):
        office.ask(first, role="system")
    office.ask(first)
    with pytest.raises(AlreadyResponded):
        office.ask(first)
    assert office.types(ticket)[-2:] == ["AutoReplySent", "FirstResponseSent"]


def test_what_changes_nothing_records_nothing(office: Office, ticket: UUID) -> None:
    office.ask(AssignTicket(ticket_id=ticket, owner="ann"))
    before = office.types(ticket)
    assert office.ask(AssignTicket(ticket_id=ticket, owner="ann")).position is None
    assert office.ask(ResumeTicket(ticket_id=ticket)).position is None
    assert office.types(ticket) == before


def test_nobody_elses_stream_is_a_ticket(office: Office, customer: UUID) -> None:
    for stream in (customer, UUID(int=99)):
        with pytest.raises(NotFound):
            office.ask(StartWork(ticket_id=stream))


@pytest.mark.clause("CB-15.2b")
def test_an_erased_customer_is_quoted_no_more_and_their_ticket_ends(
    office: Office, customer: UUID, ticket: UUID
) -> None:
    erase(office, customer)
    said: list[Refused] = []
    for command in (
        inquiry(customer),
        RecordCustomerReply(ticket_id=ticket, text=WORDS),
        AddInternalNote(ticket_id=ticket, text=WORDS),
    ):
        with pytest.raises(CustomerErased) as refused:
            office.ask(command)
        said.append(refused.value)
    assert len(said) == 3
    office.ask(ResolveTicket(ticket_id=ticket))
    office.ask(CloseTicket(ticket_id=ticket))
    assert office.types(ticket)[-2:] == ["TicketResolved", "TicketClosed"]
