"""What a rule's columns make of a promise from its start to its end: given facts, timer events."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast
from uuid import UUID

import pytest

from domain.circumstances import circumstances
from domain.complaint.events import (
    ComplaintAcknowledged,
    ComplaintClassified,
    ComplaintReceived,
    ComplaintReopened,
)
from domain.event import Event
from domain.policy.reading import read_rule
from domain.policy.rulebook import Rulebook
from domain.terms import Channel, Complexity, Severity, Tier, WaitingFor
from domain.ticket.events import (
    CustomerReplied,
    MessageSent,
    TicketReopened,
)
from domain.timer_events import (
    SlaBreachRetracted,
    SlaEscalated,
    SlaTimersFulfilled,
    SlaTimersPaused,
    SlaTimersResumed,
    SlaTimersStarted,
    SlaWarningReached,
)
from domain.timers import due_before, running_timers, with_timers
from tests.domain.promises import GREENWICH, TEN, WORDS
from tests.domain.rows_told import (
    CASE,
    PACK,
    at,
    goes_on,
    inquiry,
    names,
    one,
    reply,
    resolved,
    row,
    told,
    waiting,
)


class TestConditions:
    @pytest.mark.parametrize(
        ("when", "fields", "starts"),
        [
            ({"channel": ["chat"]}, {"channel": Channel.CHAT}, True),
            ({"channel": ["chat"]}, {}, False),
            ({"tier": ["core", "important"]}, {"tier": Tier.CORE}, True),
            ({"tier": ["core"]}, {"tier": None}, False),
            ({"tier": [""]}, {"tier": None}, True),
            ({"market": ["DE"]}, {}, False),
            ({"market": ["GB"]}, {}, True),
            ({"priority": ["urgent"], "channel": ["email"]}, {"priority": "urgent"}, True),
            ({"priority": ["urgent"], "channel": ["chat"]}, {"priority": "urgent"}, False),
            ({"category": ["parcel"]}, {"category": "parcel"}, True),
            ({"hours": "inside"}, {}, True),
            ({"hours": "outside"}, {}, False),
            ({"after": ["TicketReopened"]}, {}, False),
        ],
        ids=str,
    )
    def test_all_of_them_hold_at_the_trigger(
        self, when: dict[str, Any], fields: dict[str, Any], starts: bool
    ) -> None:
        assert bool(told([row(when=when)], inquiry(**fields))) is starts

    def test_what_earlier_facts_said_is_known(self) -> None:
        simple = row(
            trigger="ComplaintReopened",
            fulfilled_by="ComplaintResolved",
            when={"complexity": ["complex"], "severity": ["major"]},
        )
        received = ComplaintReceived(customer=UUID(int=1), channel=Channel.PHONE, at=TEN)
        classified = ComplaintClassified(
            complexity=Complexity.COMPLEX, severity=Severity.MAJOR, at=at(1)
        )
        again = ComplaintReopened(reason="not_solved", at=at(2))
        assert names(told([simple], received, classified, again)) == ["SlaTimersStarted"]
        assert told([simple], received, again) == []

    def test_only_the_first_of_its_stream(self) -> None:
        first = row(trigger="MessageSent", when={"first": True})
        messages = [MessageSent(staff="ann", text=WORDS, at=at(n)) for n in (0, 5)]
        done = [resolved(2), TicketReopened(reason="x", at=at(3))]
        assert names(told([first], messages[0], *done, messages[1])) == [
            "SlaTimersStarted",
            "SlaTimersFulfilled",
        ]

    def test_what_has_to_have_happened_before(self) -> None:
        later = row(trigger="CustomerReplied", when={"after": ["FirstResponseSent"]})
        asked = CustomerReplied(text=WORDS, at=at(9))
        assert told([later], inquiry(), asked) == []
        assert names(told([later], inquiry(), reply(1), asked)) == ["SlaTimersStarted"]

    def test_an_inactive_row_or_pack_or_a_row_without_a_number_starts_nothing(self) -> None:
        assert told([row(inactive="no such fact yet")], inquiry()) == []
        assert told([row(target={})], inquiry()) == []
        asleep = read_rule(row(), replace(PACK, active=False))
        assert Rulebook(rules=[asleep]).started_by == {}


class TestFulfilment:
    def test_several_facts_may_fulfil(self) -> None:
        either = row(fulfilled_by=["FirstResponseSent", "TicketResolved"])
        assert names(told([either], inquiry(), reply(5), resolved(9))) == [
            "SlaTimersStarted",
            "SlaTimersFulfilled",
        ]

    @pytest.mark.clause("OS-3.4-2c")
    @pytest.mark.parametrize("process", [True, False])
    @pytest.mark.parametrize("apology", [True, False])
    def test_an_acceptance_needs_its_contents(self, apology: bool, process: bool) -> None:
        needs = row(
            trigger="ComplaintReceived",
            fulfilled_by="ComplaintAcknowledged",
            contains={"apology": True, "process_told": True, "expected_time_told": True},
        )
        events = told(
            [needs],
            ComplaintReceived(customer=UUID(int=1), channel=Channel.PHONE, at=TEN),
            ComplaintAcknowledged(
                apology=apology, process_told=process, expected_time_told=True, at=at(3)
            ),
        )
        assert ("SlaTimersFulfilled" in names(events)) is (apology and process)

    def test_the_time_counted_is_told(self) -> None:
        events = told([row()], inquiry(), waiting(30), goes_on(60), resolved(100))
        assert one(events, SlaTimersFulfilled).timers[0].elapsed_seconds == 70 * 60

    def test_what_happened_in_time_and_is_told_late_takes_a_breach_back(self) -> None:
        rules = Rulebook(rules=[read_rule(row(), PACK)], calendars={"CN": GREENWICH})
        case = circumstances((), "CN")
        begun = [e for e, _ in with_timers({}, [inquiry()], rules=rules, case=case, stream=CASE)]
        noted = due_before(running_timers(begun[1:]), at(130))
        assert names(cast("list[Event]", noted)) == ["SlaBreached"]
        timers = running_timers([*begun[1:], *noted])
        late = with_timers(
            timers, [resolved(110)], rules=rules, case=case.after(inquiry()), stream=CASE
        )
        assert names([e for e, _ in late]) == [
            "TicketResolved",
            "SlaBreachRetracted",
            "SlaTimersFulfilled",
        ]
        retracted = one([e for e, _ in late], SlaBreachRetracted)
        assert (retracted.due_at, retracted.fulfilled_at) == (at(120), at(110))


class TestPausing:
    def test_the_rest_runs_on(self) -> None:
        events = told([row()], inquiry(), waiting(30), goes_on(90), resolved(100))
        assert one(events, SlaTimersPaused).timers[0].left_seconds == 90 * 60
        assert one(events, SlaTimersResumed).timers[0].due_at == at(180)

    @pytest.mark.parametrize(
        ("pause_on", "waits", "stops"),
        [
            (["customer"], WaitingFor.CUSTOMER, True),
            (["customer"], WaitingFor.VENDOR, False),
            (["customer", "vendor"], WaitingFor.VENDOR, True),
            ([], WaitingFor.CUSTOMER, False),
        ],
    )
    def test_by_what_the_row_names(
        self, pause_on: list[str], waits: WaitingFor, stops: bool
    ) -> None:
        events = told([row(pause_on=pause_on)], inquiry(), waiting(5, waits))
        assert ("SlaTimersPaused" in names(events)) is stops

    def test_a_promised_day_stands(self) -> None:
        days = row(target={"working_days": 1})
        events = told([days], inquiry(), waiting(30), goes_on(60))
        started, resumed = one(events, SlaTimersStarted), one(events, SlaTimersResumed)
        assert resumed.timers[0].due_at == started.timers[0].due_at
        assert one(events, SlaTimersPaused).timers[0].left_seconds is None


class TestWarnings:
    def test_each_is_noted_once_at_its_instant(self) -> None:
        warned = row(warn={"percent": [50], "before_minutes": 30})
        events = told([warned], inquiry(), reply(70), resolved(110))
        warnings = [e for e in events if isinstance(e, SlaWarningReached)]
        assert [(w.milestone, w.at) for w in warnings] == [("50%", at(60)), ("30m before", at(90))]

    def test_they_move_with_the_rest_of_the_time(self) -> None:
        warned = row(warn={"before_minutes": 30})
        events = told([warned], inquiry(), waiting(80), goes_on(200), reply(300))
        assert one(events, SlaWarningReached).at == at(210)

    def test_what_ends_before_is_not_warned_of(self) -> None:
        assert "SlaWarningReached" not in names(
            told([row(warn={"percent": [50]})], inquiry(), resolved(20), reply(90))
        )


class TestEscalation:
    LADDER = row(
        escalate=[
            {"after_minutes": 0, "to": "supervisor"},
            {"after_minutes": 60, "to": "department_head"},
        ]
    )

    def test_each_step_calls_its_role_in_when_its_time_has_come(self) -> None:
        events = told([self.LADDER], inquiry(), reply(130), resolved(400))
        steps = [e for e in events if isinstance(e, SlaEscalated)]
        assert [(s.to, s.at) for s in steps] == [
            ("supervisor", at(120)),
            ("department_head", at(180)),
        ]
        assert names(events)[1:3] == ["SlaBreached", "SlaEscalated"]

    def test_what_is_kept_escalates_nothing(self) -> None:
        assert "SlaEscalated" not in names(
            told([self.LADDER], inquiry(), resolved(120), reply(500))
        )

    def test_nor_what_is_fulfilled_before_the_next_step(self) -> None:
        events = told([self.LADDER], inquiry(), resolved(150), reply(500))
        assert [e.to for e in events if isinstance(e, SlaEscalated)] == ["supervisor"]
