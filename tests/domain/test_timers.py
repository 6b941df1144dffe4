"""Timer events among the facts that cause them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest

from domain.circumstances import circumstances
from domain.event import Event, Precision
from domain.policy.rulebook import Rulebook
from domain.terms import Channel, Tier
from domain.ticket.events import (
    AutoReplySent,
    FirstResponseSent,
    InquiryReceived,
    InternalNoteAdded,
    TicketClosed,
    TicketReopened,
    TicketWorkStarted,
)
from domain.timer_events import (
    FulfilledTimer,
    SlaBreached,
    SlaTimersCancelled,
    SlaTimersFulfilled,
    SlaTimersRetargeted,
    SlaTimersStarted,
)
from domain.timers import due_before, running_timers, with_timers
from tests.domain.promises import (
    CASE,
    ELEVEN,
    HALF_PAST_TEN,
    NOON,
    RULES,
    TEN,
    WORDS,
    complaint,
    extended,
    inquiry,
    investigated,
    names,
    only,
    placed,
    registered,
    reply,
)


class TestStarting:
    def test_the_promise_is_recorded_after_its_fact_and_in_full(self) -> None:
        received, started = placed(inquiry())
        assert names([received]) == ["InquiryReceived"]
        assert isinstance(started, SlaTimersStarted)
        assert (started.at, started.at_precision) == (TEN, Precision.INSTANT)
        [timer] = started.timers
        assert timer.timer == uuid5(CASE, "cb-10.1a:1")
        assert (timer.metric, timer.rule, timer.clause) == (
            "first_response",
            "cb-10.1a",
            "CB-10.1a",
        )
        assert (timer.policy, timer.calendar, timer.target) == (
            "cross_border_crm@1",
            "greenwich@3",
            "PT60M working",
        )
        assert (timer.started_at, timer.due_at) == (TEN, ELEVEN)

    @pytest.mark.clause("CB-10.1d")
    def test_one_event_holds_all_promises_of_a_fact(self) -> None:
        [started] = only(placed(inquiry(tier=Tier.CORE)), SlaTimersStarted)
        assert isinstance(started, SlaTimersStarted)
        assert {t.rule: t.due_at for t in started.timers} == {
            "cb-10.1a": ELEVEN,
            "cb-10.1d": HALF_PAST_TEN,
        }
        assert {t.tier for t in started.timers} == {"core"}

    @pytest.mark.parametrize("market", [None, "FR"])
    def test_a_market_without_hours_is_served_by_those_of_home(self, market: str | None) -> None:
        [started] = only(placed(inquiry(), market=market), SlaTimersStarted)
        assert isinstance(started, SlaTimersStarted)
        assert [(t.rule, t.calendar) for t in started.timers] == [("cb-10.1b", "beijing@1")]

    def test_what_is_known_by_the_day_starts_no_minutes(self) -> None:
        by_day = InquiryReceived(
            customer=UUID(int=1), channel=Channel.EMAIL, at=TEN, at_precision=Precision.DAY
        )
        assert placed(by_day) == [by_day]

    def test_a_rule_runs_once_at_a_time_and_then_in_another_cycle(self) -> None:
        once = placed(registered())
        assert placed(registered(NOON), before=once) == [registered(NOON)]
        done = placed(investigated(NOON), before=once)
        [again] = only(placed(registered(NOON), before=once + done), SlaTimersStarted)
        assert isinstance(again, SlaTimersStarted)
        assert [(t.cycle, t.timer) for t in again.timers] == [(2, uuid5(CASE, "os-3.4-3b:2"))]

    def test_no_rules_no_timers(self) -> None:
        facts = [inquiry(), reply(NOON)]
        assert with_timers(
            {}, facts, rules=Rulebook(), case=circumstances((), "GB"), stream=CASE
        ) == [
            (facts[0], 0),
            (facts[1], 1),
        ]


class TestFulfilling:
    @pytest.mark.clause("CB-10.1a")
    @pytest.mark.parametrize(
        ("at", "breached"), [(HALF_PAST_TEN, False), (ELEVEN, False), (NOON, True)]
    )
    def test_up_to_and_at_the_due_time_is_in_time(self, at: datetime, breached: bool) -> None:
        [kept] = only(placed(inquiry(), reply(at)), SlaTimersFulfilled)
        assert isinstance(kept, SlaTimersFulfilled)
        assert kept.timers == (
            FulfilledTimer(
                timer=uuid5(CASE, "cb-10.1a:1"),
                due_at=ELEVEN,
                fulfilled_at=at,
                breached=breached,
                elapsed_seconds=round((at - TEN).total_seconds()),
            ),
        )

    @pytest.mark.clause("CB-10.1a")
    @pytest.mark.parametrize(
        "fact",
        [
            AutoReplySent(text=WORDS, at=HALF_PAST_TEN),
            InternalNoteAdded(text=WORDS, at=HALF_PAST_TEN),
            TicketWorkStarted(at=HALF_PAST_TEN),
        ],
        ids=lambda fact: type(fact).__name__,
    )
    def test_nothing_else_is_a_first_response(self, fact: Event) -> None:
        assert names(placed(inquiry(), fact)) == [
            "InquiryReceived",
            "SlaTimersStarted",
            type(fact).__name__,
        ]

    def test_a_first_response_is_not_owed_again_when_reopened(self) -> None:
        events = placed(
            inquiry(), reply(HALF_PAST_TEN), TicketReopened(reason="not_solved", at=NOON)
        )
        assert names(events)[-1] == "TicketReopened"

    @pytest.mark.clause("OS-3.4-2b", "OS-3.4-3b")
    def test_registering_fulfils_one_promise_and_makes_the_next(self) -> None:
        assert names(placed(complaint(), registered(HALF_PAST_TEN))) == [
            "ComplaintReceived",
            "SlaTimersStarted",
            "ComplaintRegistered",
            "SlaTimersFulfilled",
            "SlaTimersStarted",
        ]

    def test_a_day_that_began_in_time_is_in_time(self) -> None:
        by_day = FirstResponseSent(at=datetime(2026, 6, 9, tzinfo=UTC), at_precision=Precision.DAY)
        [kept] = only(placed(inquiry(), by_day), SlaTimersFulfilled)
        assert isinstance(kept, SlaTimersFulfilled)
        assert (kept.at_precision, kept.timers[0].breached) == (Precision.DAY, False)


class TestBreaches:
    def test_is_noted_before_the_fact_that_came_too_late_at_its_due_time(self) -> None:
        events = placed(inquiry(), reply(NOON))
        assert names(events) == [
            "InquiryReceived",
            "SlaTimersStarted",
            "SlaBreached",
            "FirstResponseSent",
            "SlaTimersFulfilled",
        ]
        assert events[2] == SlaBreached(
            timer=uuid5(CASE, "cb-10.1a:1"),
            metric="first_response",
            rule="cb-10.1a",
            clause="CB-10.1a",
            due_at=ELEVEN,
            at=ELEVEN,
        )

    def test_any_later_fact_of_the_case_brings_it_to_light_once(self) -> None:
        first = placed(inquiry())
        note = InternalNoteAdded(text=WORDS, at=NOON)
        assert names(placed(note, before=first)) == ["SlaBreached", "InternalNoteAdded"]
        assert names(placed(note, note, before=first)).count("SlaBreached") == 1

    def test_several_are_noted_in_the_order_they_fell_due(self) -> None:
        first = placed(inquiry(tier=Tier.CORE))
        breaches = only(placed(reply(NOON), before=first), SlaBreached)
        assert [b.at for b in breaches] == [HALF_PAST_TEN, ELEVEN]

    def test_causes_are_named_by_index(self) -> None:
        events = with_timers(
            {}, [inquiry(), reply(NOON)], rules=RULES, case=circumstances((), "GB"), stream=CASE
        )
        assert [index for _, index in events] == [0, 0, 1, 1, 1]

    def test_is_taken_back_by_what_happened_in_time_and_was_told_late(self) -> None:
        noted = placed(inquiry(), InternalNoteAdded(text=WORDS, at=NOON))
        [kept] = only(placed(reply(HALF_PAST_TEN), before=noted), SlaTimersFulfilled)
        assert isinstance(kept, SlaTimersFulfilled)
        assert not kept.timers[0].breached

    def test_overdue_says_what_a_timekeeper_has_to_note(self) -> None:
        timers = running_timers(placed(inquiry())[1:])
        assert due_before(timers, ELEVEN) == []
        [breach] = due_before(timers, NOON)
        assert due_before(running_timers([*placed(inquiry())[1:], breach]), NOON) == []


@pytest.mark.clause("OS-3.4-3c")
class TestExtending:
    due = datetime(2026, 6, 11, 18, tzinfo=UTC)
    agreed = datetime(2026, 6, 19, 12, tzinfo=UTC)

    def test_the_agreed_time_is_the_new_deadline(self) -> None:
        events = placed(registered(), extended(NOON, self.agreed), investigated(self.agreed))
        [moved] = only(events, SlaTimersRetargeted)
        assert isinstance(moved, SlaTimersRetargeted)
        assert [(t.old_due_at, t.due_at) for t in moved.timers] == [(self.due, self.agreed)]
        assert not only(events, SlaBreached)

    def test_a_breach_is_not_undone_by_a_later_agreement(self) -> None:
        late = extended(self.due + timedelta(hours=1), self.agreed)
        events = placed(registered(), late)
        assert names(events)[2:] == ["SlaBreached", "ComplaintDeadlineExtended"]

    def test_it_moves_no_other_promise(self) -> None:
        first = placed(complaint())
        assert placed(extended(NOON - timedelta(hours=1), self.agreed), before=first) == [
            extended(NOON - timedelta(hours=1), self.agreed)
        ]


class TestEnding:
    def test_what_is_not_yet_due_is_cancelled_with_the_case(self) -> None:
        [cancelled] = only(placed(inquiry(), TicketClosed(at=HALF_PAST_TEN)), SlaTimersCancelled)
        assert isinstance(cancelled, SlaTimersCancelled)
        assert (cancelled.timers, cancelled.cause) == (
            (uuid5(CASE, "cb-10.1a:1"),),
            "TicketClosed",
        )

    def test_what_was_breached_by_then_stays_so(self) -> None:
        assert names(placed(inquiry(), TicketClosed(at=NOON)))[2:] == [
            "SlaBreached",
            "TicketClosed",
        ]

    def test_a_cancelled_timer_is_neither_breached_nor_fulfilled(self) -> None:
        closed = placed(inquiry(), TicketClosed(at=HALF_PAST_TEN))
        assert placed(reply(NOON), before=closed) == [reply(NOON)]
