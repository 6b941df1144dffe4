"""What can be asked about the promises of a case: noted, excused, moved to another version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from commands.customer.register_customer import RegisterCustomer
from commands.ticket.change_ticket_market import ChangeTicketMarket
from commands.ticket.close_ticket import CloseTicket
from commands.ticket.merge_ticket import MergeTicket
from commands.ticket.note_tier_change import NoteTierChange
from commands.ticket.receive_inquiry import ReceiveInquiry
from commands.ticket.resolve_ticket import ResolveTicket
from commands.ticket.send_message import SendMessage
from commands.timers.excuse_breach import ExcuseBreach
from commands.timers.migrate_timers import MigrateTimers
from commands.timers.note_due import NoteDue
from domain.policy.deadline import DeadlineRule, Pack
from domain.policy.reading import read_rule
from domain.policy.rulebook import Rulebook
from domain.promise_refusals import BreachNotExcusedByOneself, NoSuchBreach
from domain.refusal import NotFound
from domain.terms import Channel, CollectionSource, Tier
from domain.ticket.events import TicketMergedIn
from domain.ticket.refusals import (
    TicketIsClosed,
    TicketMergedIntoItself,
    TicketOfAnotherCustomer,
)
from domain.timer_events import (
    SlaBreached,
    SlaBreachExcused,
    SlaTimersCancelled,
    SlaTimersRetargeted,
    SlaTimersStarted,
)
from infra.dispatch import RoleNotAllowed
from tests.commands.office import NOON, Office
from tests.domain.promises import GREENWICH

ROW: dict[str, Any] = {
    "id": "answer",
    "clause": "CB-10.1a",
    "says": "One.",
    "zh": "一。",
    "metric": "first_response",
    "trigger": "InquiryReceived",
    "fulfilled_by": "FirstResponseSent",
    "target": {"working_minutes": 60},
}
OWED: dict[str, Any] = ROW | {
    "id": "next",
    "metric": "next_response",
    "trigger": ["CustomerReplied", "TicketMergedIn"],
    "fulfilled_by": "MessageSent",
}
HOUR = timedelta(hours=1)
LATER_HOURS = replace(GREENWICH, version=4, weekly=(((720, 1080),),) * 5 + ((), ()))
BERLIN = replace(GREENWICH, id="berlin", version=1, zone="Europe/Berlin")


def rules() -> Iterator[DeadlineRule]:
    """Version 1 gives an hour, 2 half of one, 3 makes no such promise."""
    for version, minutes in ((1, 60), (2, 30)):
        pack = Pack(id="pack", version=version, says="", zh="", active=version == 1)
        yield read_rule(ROW | {"target": {"working_minutes": minutes}}, pack)
        yield read_rule(OWED, pack)
    third = Pack(id="pack", version=3, says="", zh="", active=False)
    yield read_rule(ROW | {"metric": "another"}, third)


@pytest.fixture
def office() -> Office:
    calendars = {"GB": GREENWICH, "CN": GREENWICH, "GB:later": LATER_HOURS, "DE": BERLIN}
    return Office(Rulebook(rules=list(rules()), calendars=calendars))


@pytest.fixture
def customer(office: Office) -> UUID:
    return registered(office)


@pytest.fixture
def ticket(office: Office, customer: UUID) -> UUID:
    return asked(office, customer)


def registered(office: Office) -> UUID:
    source = CollectionSource.CUSTOMER_SUBMITTED
    return office.ask(RegisterCustomer(collection_source=source, market="GB")).ids["customer"]


def asked(office: Office, customer: UUID) -> UUID:
    """An inquiry at noon, due at one."""
    inquiry = ReceiveInquiry(customer_id=customer, channel=Channel.EMAIL, text="Where is it?")
    return office.ask(inquiry).ids["ticket"]


def note(office: Office, ticket: UUID) -> Any:
    return office.ask(NoteDue(case_id=ticket), role="system", actor="system:timekeeper")


class TestNoting:
    def test_a_breach_is_noted_at_its_due_time_and_once(self, office: Office, ticket: UUID) -> None:
        office.now = NOON + 5 * HOUR
        assert note(office, ticket).position is not None
        assert note(office, ticket).position is None
        (breach,) = office.on_record(ticket, SlaBreached)
        assert breach.at == breach.due_at == NOON + HOUR

    def test_due_now_is_in_time(self, office: Office, ticket: UUID) -> None:
        office.now = NOON + HOUR
        assert note(office, ticket).position is None

    def test_nobody_else_notes(self, office: Office, ticket: UUID) -> None:
        with pytest.raises(RoleNotAllowed):
            office.ask(NoteDue(case_id=ticket))

    def test_a_case_there_is_not(self, office: Office) -> None:
        with pytest.raises(NotFound):
            note(office, UUID(int=404))


class TestExcusing:
    def excuse(self, office: Office, ticket: UUID, *, actor: str = "sue") -> Any:
        (started,) = office.on_record(ticket, SlaTimersStarted)
        excuse = ExcuseBreach(
            case_id=ticket, timer=started.timers[0].timer, why="power_cut", asked_by="ann"
        )
        return office.ask(excuse, role="supervisor", actor=actor)

    def test_the_breach_stays_and_the_reason_stands_beside_it(
        self, office: Office, ticket: UUID
    ) -> None:
        office.now = NOON + 5 * HOUR
        note(office, ticket)
        self.excuse(office, ticket)
        (excused,) = office.on_record(ticket, SlaBreachExcused)
        assert (excused.reason, excused.approver) == ("power_cut", "sue")
        assert len(office.on_record(ticket, SlaBreached)) == 1

    def test_also_one_that_nobody_noted_yet(self, office: Office, ticket: UUID) -> None:
        office.now = NOON + 5 * HOUR
        self.excuse(office, ticket)
        assert office.types(ticket)[-2:] == ["SlaBreached", "SlaBreachExcused"]

    def test_what_is_no_breach_is_not_excused(self, office: Office, ticket: UUID) -> None:
        with pytest.raises(NoSuchBreach):
            self.excuse(office, ticket)

    def test_nobody_excuses_for_themselves(self, office: Office, ticket: UUID) -> None:
        office.now = NOON + 5 * HOUR
        note(office, ticket)
        with pytest.raises(BreachNotExcusedByOneself):
            self.excuse(office, ticket, actor="ann")


class TestMigrating:
    def test_a_new_version_moves_nothing_by_itself(self, office: Office, ticket: UUID) -> None:
        office.ask(SendMessage(ticket_id=ticket, text="Soon."))
        assert office.on_record(ticket, SlaTimersRetargeted) == []

    def test_to_another_version_of_its_policy(self, office: Office, ticket: UUID) -> None:
        office.ask(MigrateTimers(case_id=ticket, policy="pack@2"))
        (moved,) = office.on_record(ticket, SlaTimersRetargeted)[0].timers
        assert (moved.policy, moved.due_at) == ("pack@2", NOON + HOUR / 2)

    def test_twice_moves_nothing_more(self, office: Office, ticket: UUID) -> None:
        office.ask(MigrateTimers(case_id=ticket, policy="pack@2"))
        assert office.ask(MigrateTimers(case_id=ticket, policy="pack@2")).position is None

    def test_a_version_without_the_promise_ends_it(self, office: Office, ticket: UUID) -> None:
        office.ask(MigrateTimers(case_id=ticket, policy="pack@3"))
        assert office.on_record(ticket, SlaTimersCancelled)[0].cause == "policy"

    def test_to_another_version_of_its_calendar(self, office: Office, ticket: UUID) -> None:
        office.now = NOON + HOUR / 2
        office.ask(MigrateTimers(case_id=ticket, calendar="greenwich@4"))
        (moved,) = office.on_record(ticket, SlaTimersRetargeted)[0].timers
        assert (moved.calendar, moved.due_at) == ("greenwich@4", NOON + HOUR)

    @pytest.mark.parametrize("policy", ["pack@9", "other@1"])
    def test_a_version_there_is_not(self, office: Office, ticket: UUID, policy: str) -> None:
        with pytest.raises(NotFound):
            office.ask(MigrateTimers(case_id=ticket, policy=policy))

    def test_one_thing_at_a_time(self, ticket: UUID) -> None:
        with pytest.raises(ValidationError):
            MigrateTimers(case_id=ticket, policy="pack@2", calendar="greenwich@4")
        with pytest.raises(ValidationError):
            MigrateTimers(case_id=ticket)

    def test_a_breach_stays(self, office: Office, ticket: UUID) -> None:
        office.now = NOON + 5 * HOUR
        assert office.ask(MigrateTimers(case_id=ticket, policy="pack@2")).position is None
        assert office.on_record(ticket, SlaTimersRetargeted) == []


class TestMerging:
    def test_what_one_ticket_owed_the_other_owes_since_then(
        self, office: Office, customer: UUID, ticket: UUID
    ) -> None:
        office.now = NOON + HOUR / 2
        other = asked(office, customer)
        result = office.ask(MergeTicket(ticket_id=ticket, into=other))
        assert result.ids["ticket"] == other
        assert office.types(ticket)[-2:] == ["TicketMerged", "SlaTimersCancelled"]
        (taken,) = office.on_record(other, TicketMergedIn)
        assert (taken.merged, taken.owed_since) == (ticket, NOON)
        started = office.on_record(other, SlaTimersStarted)[-1].timers
        assert [(t.metric, t.started_at) for t in started] == [("next_response", NOON)]

    def test_an_answered_ticket_owes_nothing(
        self, office: Office, customer: UUID, ticket: UUID
    ) -> None:
        office.ask(SendMessage(ticket_id=ticket, text="It is on its way."))
        other = asked(office, customer)
        office.ask(MergeTicket(ticket_id=ticket, into=other))
        assert office.on_record(other, TicketMergedIn)[0].owed_since is None

    def test_a_merged_ticket_takes_nothing_more(
        self, office: Office, customer: UUID, ticket: UUID
    ) -> None:
        office.ask(MergeTicket(ticket_id=ticket, into=asked(office, customer)))
        with pytest.raises(TicketIsClosed):
            office.ask(SendMessage(ticket_id=ticket, text="Soon."))

    def test_not_into_itself(self, office: Office, ticket: UUID) -> None:
        with pytest.raises(TicketMergedIntoItself):
            office.ask(MergeTicket(ticket_id=ticket, into=ticket))

    def test_not_into_another_customers(self, office: Office, ticket: UUID) -> None:
        other = asked(office, registered(office))
        with pytest.raises(TicketOfAnotherCustomer):
            office.ask(MergeTicket(ticket_id=ticket, into=other))
        assert office.types(other)[-1] == "SlaTimersStarted"

    def test_not_into_one_that_has_ended(
        self, office: Office, customer: UUID, ticket: UUID
    ) -> None:
        other = asked(office, customer)
        office.ask(ResolveTicket(ticket_id=other, result="delivered"))
        office.ask(CloseTicket(ticket_id=other))
        with pytest.raises(TicketIsClosed):
            office.ask(MergeTicket(ticket_id=ticket, into=other))


def test_a_market_and_a_tier_are_noted_once(office: Office, ticket: UUID) -> None:
    for command in (
        ChangeTicketMarket(ticket_id=ticket, market="DE"),
        NoteTierChange(ticket_id=ticket, tier=Tier.CORE),
    ):
        assert office.ask(command).position is not None
        assert office.ask(command).position is None
