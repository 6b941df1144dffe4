"""Promises made, kept and broken by what is asked for, through the record."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from commands.complaint.classify_complaint import ClassifyComplaint
from commands.complaint.extend_investigation import ExtendInvestigation
from commands.complaint.receive_complaint import ReceiveComplaint
from commands.complaint.register_complaint import RegisterComplaint
from commands.customer.evaluate_tier import EvaluateTier
from commands.customer.register_customer import RegisterCustomer
from commands.ticket.receive_inquiry import ReceiveInquiry
from commands.ticket.record_auto_reply import RecordAutoReply
from commands.ticket.resolve_ticket import ResolveTicket
from commands.ticket.send_first_response import SendFirstResponse
from domain.event import Precision
from domain.refusal import Conflict
from domain.terms import Channel, CollectionSource, Complexity
from domain.timer_events import (
    SlaBreached,
    SlaTimersFulfilled,
    SlaTimersRetargeted,
    SlaTimersStarted,
)
from infra.policies import shipped_rulebook
from tests.commands.office import NOON, Office

ONE = NOON + timedelta(hours=1)
TWO = NOON + timedelta(hours=2)
WORDS = "Where is my parcel?"


@pytest.fixture
def office() -> Office:
    return Office(shipped_rulebook())


@pytest.fixture
def customer(office: Office) -> UUID:
    command = RegisterCustomer(collection_source=CollectionSource.PLATFORM_BACKEND, market="GB")
    return office.ask(command).ids["customer"]


def inquiry(customer: UUID, at: datetime = NOON, market: str | None = None) -> ReceiveInquiry:
    return ReceiveInquiry(
        customer_id=customer, channel=Channel.EMAIL, text=WORDS, market=market, at=at
    )


def complaint(customer: UUID) -> ReceiveComplaint:
    return ReceiveComplaint(customer_id=customer, channel=Channel.PHONE, text=WORDS)


def register(complaint: UUID) -> RegisterComplaint:
    return RegisterComplaint(
        complaint_id=complaint, complaint_kind="quality", content=WORDS, demand=WORDS
    )


@pytest.mark.clause("CB-10.1a")
def test_the_answer_says_when_the_reply_is_due(office: Office, customer: UUID) -> None:
    result = office.ask(inquiry(customer))
    [due] = result.timers
    assert (due.metric, due.rule, due.clause, due.due_at) == (
        "first_response",
        "cb-10.1a",
        "CB-10.1a",
        ONE,
    )
    [started] = office.on_record(result.ids["ticket"], SlaTimersStarted)
    assert [t.calendar for t in started.timers] == ["gb@1"]
    header = office.header(result.ids["ticket"], "SlaTimersStarted")
    assert header.policies == (
        "cross_border_crm@1 overseas_service@1 privacy_rights@1 staff_access@1"
    )


@pytest.mark.clause("CB-10.1a")
def test_the_hours_are_those_of_the_market_the_inquiry_comes_from(
    office: Office, customer: UUID
) -> None:
    [british, american] = (
        office.ask(inquiry(customer, market=market)).timers[0] for market in (None, "US")
    )
    assert (british.clause, american.clause) == ("CB-10.1a", "CB-10.1b")
    assert american.due_at == datetime(2026, 3, 2, 16, tzinfo=UTC)


@pytest.mark.clause("CB-10.1d")
def test_a_core_customer_is_promised_more(office: Office, customer: UUID) -> None:
    scheme = office.dispatcher.rules.tiers["retail"]
    office.ask(
        EvaluateTier(
            customer_id=customer,
            scheme=scheme.id,
            as_of=date(2026, 3, 1),
            position=1,
            indicators=dict.fromkeys(scheme.indicators, Decimal(10**6)),
        )
    )
    due = {timer.clause: timer.due_at for timer in office.ask(inquiry(customer)).timers}
    assert due == {"CB-10.1a": ONE, "CB-10.1d": NOON + timedelta(minutes=30)}


@pytest.mark.clause("CB-10.1a")
def test_a_late_reply_brings_the_breach_to_light(office: Office, customer: UUID) -> None:
    ticket = office.ask(inquiry(customer)).ids["ticket"]
    office.ask(RecordAutoReply(ticket_id=ticket, text="We have your message."))
    office.now = TWO
    office.ask(SendFirstResponse(ticket_id=ticket, text=WORDS))
    assert office.types(ticket)[-4:] == [
        "AutoReplySent",
        "SlaBreached",
        "FirstResponseSent",
        "SlaTimersFulfilled",
    ]
    [breach] = office.on_record(ticket, SlaBreached)
    [kept] = office.on_record(ticket, SlaTimersFulfilled)
    assert (breach.at, kept.timers[0].breached) == (ONE, True)


@pytest.mark.clause("CB-10.1a")
def test_a_reply_told_late_counts_from_when_it_was_given(office: Office, customer: UUID) -> None:
    ticket = office.ask(inquiry(customer)).ids["ticket"]
    office.now = TWO
    office.ask(SendFirstResponse(ticket_id=ticket, text=WORDS, at=NOON + timedelta(minutes=20)))
    assert "SlaBreached" not in office.types(ticket)


def test_only_the_day_is_known_so_no_minutes_run(office: Office, customer: UUID) -> None:
    command = inquiry(customer).model_copy(update={"at_precision": Precision.DAY})
    assert office.ask(command).timers == []


def test_timers_do_not_count_for_who_insists_on_a_version(office: Office, customer: UUID) -> None:
    ticket = office.ask(inquiry(customer)).ids["ticket"]
    facts = office.header(ticket, "InquiryReceived").version
    assert office.header(ticket, "SlaTimersStarted").version > facts
    respond = SendFirstResponse(ticket_id=ticket, text=WORDS)
    office.ask(respond, expected=facts)
    with pytest.raises(Conflict):
        office.ask(ResolveTicket(ticket_id=ticket), expected=facts)


@pytest.mark.clause("OS-3.4-2b", "OS-3.4-3b", "OS-3.4-3c")
def test_a_complaint_is_promised_one_step_after_the_other(office: Office, customer: UUID) -> None:
    received = office.ask(complaint(customer))
    case = received.ids["complaint"]
    assert [(t.clause, t.due_at) for t in received.timers] == [("OS-3.4-2b", ONE)]
    office.now += timedelta(minutes=10)
    registered = office.ask(register(case))
    two_days_on = datetime(2026, 3, 4, 18, tzinfo=UTC)
    assert [(t.clause, t.due_at) for t in registered.timers] == [("OS-3.4-3b", two_days_on)]
    office.ask(ClassifyComplaint(complaint_id=case, complexity=Complexity.COMPLEX))
    agreed = datetime(2026, 3, 20, 12, tzinfo=UTC)
    office.ask(
        ExtendInvestigation(
            complaint_id=case, why="laboratory", told_customer=True, agreed_due=agreed
        )
    )
    [moved] = office.on_record(case, SlaTimersRetargeted)
    assert [(t.old_due_at, t.due_at) for t in moved.timers] == [(two_days_on, agreed)]
