"""What may happen to a ticket, and what may not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import reduce
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.personal import Personal
from domain.refusal import Refused
from domain.terms import Channel, WaitingFor
from domain.ticket import refusals
from domain.ticket.events import (
    CustomerMessageReceived,
    CustomerReplied,
    FirstResponseSent,
    InquiryReceived,
    TicketAssigned,
    TicketEvent,
    TicketWaiting,
)
from domain.ticket.evolve import evolve
from domain.ticket.ticket import Ticket, receive
from tests.examples import examples

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADA, BOB = UUID(int=1), UUID(int=2)
WORDS = Personal("Where is my parcel?")
Decision = Callable[[Ticket], list[TicketEvent]]


def inquiry(customer: UUID = ADA) -> InquiryReceived:
    return InquiryReceived(customer=customer, channel=Channel.EMAIL, text=WORDS, at=NOON)


def after(*decisions: Decision) -> Ticket:
    ticket = evolve(None, inquiry())
    for decide in decisions:
        ticket = reduce(evolve, decide(ticket), ticket)
    return ticket


def names(events: list[TicketEvent]) -> list[str]:
    return [type(event).__name__ for event in events]


def first_response(ticket: Ticket, role: str = "agent") -> list[TicketEvent]:
    return ticket.first_response(staff="ann", role=role, text=WORDS, at=NOON)


def answer(ticket: Ticket) -> list[TicketEvent]:
    return ticket.answer(staff="ann", text=WORDS, at=NOON)


def ask(ticket: Ticket) -> list[TicketEvent]:
    return ticket.ask_customer(WORDS, staff="ann", at=NOON)


def resolve(ticket: Ticket) -> list[TicketEvent]:
    return ticket.resolve("answered", at=NOON)


def reopen(ticket: Ticket) -> list[TicketEvent]:
    return ticket.reopen("not_solved", at=NOON)


def close(ticket: Ticket) -> list[TicketEvent]:
    return ticket.close(at=NOON)


EVERYTHING: dict[str, Decision] = {
    "auto_reply": lambda t: t.auto_reply(at=NOON),
    "first_response": first_response,
    "send_message": lambda t: t.send_message(staff="ann", text=WORDS, at=NOON),
    "answer": answer,
    "ask_customer": ask,
    "customer_wrote": lambda t: t.customer_wrote(at=NOON),
    "add_note": lambda t: t.add_note(WORDS, staff="ann", at=NOON),
    "assign": lambda t: t.assign(owner="ann", at=NOON),
    "start_work": lambda t: t.start_work(at=NOON),
    "refer": lambda t: t.refer(department="logistics", responsible="kim", at=NOON),
    "put_on_hold": lambda t: t.put_on_hold(WaitingFor.VENDOR, at=NOON),
    "resume": lambda t: t.resume(at=NOON),
    "change_priority": lambda t: t.change_priority("high", at=NOON),
    "resolve": resolve,
    "reopen": reopen,
    "follow_up": lambda t: t.follow_up(satisfaction=5, at=NOON),
    "close": close,
}
ON_RESOLVED = {"auto_reply", "customer_wrote", "add_note", "reopen", "follow_up", "close"}


@pytest.mark.clause("CB-10.1a")
def test_there_is_one_first_response() -> None:
    assert names(first_response(after())) == ["FirstResponseSent"]
    with pytest.raises(refusals.AlreadyResponded):
        first_response(after(first_response))


@pytest.mark.clause("CB-10.1a")
@pytest.mark.parametrize("role", ["system", "importer"])
def test_a_first_response_is_sent_by_a_person(role: str) -> None:
    with pytest.raises(refusals.FirstResponseNeedsPerson):
        first_response(after(), role)


@pytest.mark.clause("CB-10.1a")
@pytest.mark.parametrize("name", ["auto_reply", "add_note", "start_work", "assign"])
def test_what_the_customer_hears_from_nobody_is_no_response(name: str) -> None:
    assert not after(EVERYTHING[name]).responded


@pytest.mark.parametrize("name", ["send_message", "answer", "ask_customer"])
def test_the_first_thing_a_person_says_is_the_first_response(name: str) -> None:
    said = EVERYTHING[name](after())
    assert isinstance(said[0], FirstResponseSent)
    assert said[0].staff == "ann"
    assert "FirstResponseSent" not in names(EVERYTHING[name](after(first_response)))


def test_a_question_waits_for_the_customer_until_they_reply() -> None:
    asked = after(ask)
    assert (asked.asked, asked.waiting_for) == (True, WaitingFor.CUSTOMER)
    replied = asked.customer_wrote(WORDS, at=NOON)
    assert names(replied) == ["CustomerReplied", "TicketWaitingEnded"]
    assert reduce(evolve, replied, asked).waiting_for is None


def test_a_message_is_a_reply_only_if_something_was_asked() -> None:
    [message] = after(EVERYTHING["put_on_hold"]).customer_wrote(at=NOON)
    assert isinstance(message, CustomerMessageReceived)
    [reply, _] = after(ask, resolve, reopen, ask).customer_wrote(at=NOON)
    assert isinstance(reply, CustomerReplied)


def test_one_wait_ends_before_the_next_begins() -> None:
    waiting = after(ask)
    assert waiting.put_on_hold(WaitingFor.CUSTOMER, at=NOON) == []
    [_, wait] = waiting.put_on_hold(WaitingFor.VENDOR, at=NOON)
    assert isinstance(wait, TicketWaiting)
    assert wait.waiting_for is WaitingFor.VENDOR
    assert names(waiting.resume(at=NOON)) == ["TicketWaitingEnded"]
    assert after().resume(at=NOON) == []
    assert names(resolve(waiting)) == ["TicketWaitingEnded", "TicketResolved"]


def test_an_assignment_says_whose_it_was() -> None:
    first = after(lambda t: t.assign(owner="ann", group="desk", at=NOON))
    [moved] = first.assign(group="logistics", at=NOON)
    assert isinstance(moved, TicketAssigned)
    assert (moved.owner, moved.previous_owner) == (None, "ann")
    assert (moved.group, moved.previous_group) == ("logistics", "desk")
    assert first.assign(owner="ann", group="desk", at=NOON) == []
    with pytest.raises(refusals.NobodyNamed):
        first.assign(at=NOON)


@pytest.mark.clause("OS-3.2-2d")
@pytest.mark.parametrize(("department", "responsible"), [("logistics", " "), ("", "kim")])
def test_a_referral_names_who_answers_for_it(department: str, responsible: str) -> None:
    with pytest.raises(refusals.ResponsibleNotNamed):
        after().refer(department=department, responsible=responsible, at=NOON)


@pytest.mark.clause("OS-3.2-4b")
def test_satisfaction_has_a_scale() -> None:
    for satisfaction in (0, 6):
        with pytest.raises(refusals.SatisfactionOutOfScale):
            after(resolve).follow_up(satisfaction=satisfaction, at=NOON)


@pytest.mark.parametrize("name", sorted(EVERYTHING.keys() - ON_RESOLVED))
def test_a_resolved_ticket_is_reopened_first(name: str) -> None:
    with pytest.raises(refusals.TicketIsResolved):
        EVERYTHING[name](after(resolve))
    assert EVERYTHING[name](after(resolve, reopen)) is not None


@pytest.mark.parametrize("name", ["reopen", "follow_up", "close"])
def test_what_is_not_resolved_is_not_finished(name: str) -> None:
    with pytest.raises(refusals.TicketNotResolved):
        EVERYTHING[name](after())


def test_an_inquiry_that_arrives_twice_is_one() -> None:
    assert receive(None, inquiry()) == [inquiry()]
    assert receive(after(), inquiry()) == []
    with pytest.raises(refusals.TicketAlreadyRecorded):
        receive(after(), inquiry(BOB))


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(st.sampled_from(sorted(EVERYTHING)), max_size=25))
def test_what_was_allowed_adds_up_and_ends_with_closing(asked: list[str]) -> None:
    ticket, responses = after(), 0
    for name in asked:
        try:
            events = EVERYTHING[name](ticket)
        except Refused as refused:
            assert not ticket.closed or isinstance(refused, refusals.TicketIsClosed)
            continue
        assert not ticket.closed
        responses += names(events).count("FirstResponseSent")
        ticket = reduce(evolve, events, ticket)
    assert responses == ticket.responded
    assert not (ticket.resolved and ticket.waiting_for)
    assert ticket.resolved or not ticket.closed
