"""What a rule's columns make of a promise when its case changes: given facts, timer events."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest

from domain.event import Event
from domain.terms import Tier
from domain.ticket.events import (
    MessageSent,
    TicketAssigned,
    TicketClosed,
    TicketMarketChanged,
    TicketMerged,
    TicketMergedIn,
    TicketPriorityChanged,
    TicketReopened,
    TicketTierNoted,
)
from domain.timer_events import (
    Move,
    SlaBreached,
    SlaTimersCancelled,
    SlaTimersResumed,
    SlaTimersRetargeted,
    SlaTimersStarted,
)
from tests.domain.promises import TEN, WORDS
from tests.domain.rows_told import (
    at,
    inquiry,
    names,
    one,
    reply,
    resolved,
    row,
    told,
)


class TestReopening:
    def again(self, on_reopen: str) -> list[Event]:
        reopened = TicketReopened(reason="not_solved", at=at(100))
        return told([row(on_reopen=on_reopen)], inquiry(), resolved(40), reopened)

    def test_by_default_a_kept_promise_stays_kept(self) -> None:
        assert names(self.again("keep")) == ["SlaTimersStarted", "SlaTimersFulfilled"]

    def test_the_rest_of_the_time_runs_on(self) -> None:
        assert one(self.again("resume"), SlaTimersResumed).timers[0].due_at == at(180)

    def test_or_another_cycle_begins(self) -> None:
        (timer,) = cast("SlaTimersStarted", self.again("restart")[-1]).timers
        assert (timer.cycle, timer.due_at) == (2, at(220))

    def test_a_breach_is_not_opened_again(self) -> None:
        reopened = TicketReopened(reason="not_solved", at=at(300))
        events = told([row(on_reopen="resume")], inquiry(), resolved(200), reopened)
        assert "SlaTimersResumed" not in names(events)


class TestChanges:
    def rows(self, condition: str, value: str, **columns: Any) -> list[dict[str, Any]]:
        follows = {"on_change": {condition: "retarget"}, **columns}
        strict = row(
            id="strict", when={condition: [value]}, target={"working_minutes": 45}, **follows
        )
        return [row(**follows), strict]

    def test_another_row_takes_over_counted_from_the_start(self) -> None:
        changed = TicketPriorityChanged(priority="urgent", at=at(30))
        events = told(self.rows("priority", "urgent"), inquiry(), changed)
        (moved,) = one(events, SlaTimersRetargeted).timers
        assert (moved.rule, moved.cause) == ("strict", Move.PRIORITY)
        assert (moved.old_due_at, moved.due_at) == (at(120), at(45))

    def test_or_from_the_change(self) -> None:
        changed = TicketTierNoted(tier=Tier.CORE, at=at(30))
        rows = self.rows("tier", "core", retarget={"from": "change"})
        (moved,) = one(told(rows, inquiry(), changed), SlaTimersRetargeted).timers
        assert moved.due_at == at(75)

    def test_too_late_is_a_breach_or_with_a_floor_due_now(self) -> None:
        changed = TicketTierNoted(tier=Tier.CORE, at=at(60))
        events = told(self.rows("tier", "core"), inquiry(), changed)
        assert one(events, SlaBreached).at == at(45)
        floored = self.rows("tier", "core", retarget={"floor": "now", "grace_minutes": 10})
        events = told(floored, inquiry(), changed)
        assert one(events, SlaTimersRetargeted).timers[0].due_at == at(70)
        assert "SlaBreached" not in names(events)

    def test_by_default_nothing_moves(self) -> None:
        rows = [row(), row(id="core", when={"tier": ["core"]})]
        assert names(told(rows, inquiry(), TicketTierNoted(tier=Tier.CORE, at=at(5)))) == [
            "SlaTimersStarted"
        ]

    def test_a_breach_is_never_undone(self) -> None:
        changed = TicketPriorityChanged(priority="urgent", at=at(130))
        events = told(self.rows("priority", "urgent"), inquiry(), changed)
        assert names(events) == ["SlaTimersStarted", "SlaBreached"]

    def test_a_promise_that_is_made_no_longer_is_cancelled(self) -> None:
        mine = row(when={"team": [""]}, on_change={"team": "retarget"})
        events = told([mine], inquiry(), TicketAssigned(group="sales", at=at(5)))
        assert one(events, SlaTimersCancelled).cause == "TicketAssigned"

    def test_another_market_goes_on_by_its_own_hours(self) -> None:
        moves = row(on_change={"market": "retarget"})
        handed = TicketMarketChanged(market="CN", previous_market="GB", at=at(30))
        (moved,) = one(told([moves], inquiry(), handed), SlaTimersRetargeted).timers
        # 90 minutes are left; Beijing opens at 09:00, which is 01:00 in London.
        assert moved.calendar == "beijing@1"
        assert moved.due_at == (TEN + timedelta(days=1)).replace(hour=2, minute=30)


class TestEndings:
    def test_what_is_owed_ends_with_the_case(self) -> None:
        events = told([row()], inquiry(), TicketClosed(at=at(30)))
        cancelled = one(events, SlaTimersCancelled)
        assert (cancelled.cause, cancelled.elapsed_seconds) == ("TicketClosed", (1800,))

    @pytest.mark.parametrize(("on_merge", "ends"), [("cancel", True), ("keep", False)])
    def test_or_when_it_is_merged_if_the_row_says_so(self, on_merge: str, ends: bool) -> None:
        merged = TicketMerged(into=UUID(int=8), at=at(30))
        events = told([row(on_merge=on_merge)], inquiry(), merged)
        assert ("SlaTimersCancelled" in names(events)) is ends

    def test_what_a_merged_ticket_owed_is_owed_since_then(self) -> None:
        answers = row(trigger=["CustomerReplied", "TicketMergedIn"], fulfilled_by="MessageSent")
        taken = TicketMergedIn(merged=UUID(int=8), owed_since=at(10), at=at(40))
        (timer,) = one(told([answers], inquiry(), taken), SlaTimersStarted).timers
        assert (timer.started_at, timer.due_at) == (at(10), at(130))
        nothing = TicketMergedIn(merged=UUID(int=8), at=at(40))
        assert told([answers], inquiry(), nothing) == []


class TestRolling:
    UPDATE = row(fulfilled_by=["FirstResponseSent", "MessageSent"], rolling=True)

    def test_each_report_begins_the_next_cycle(self) -> None:
        message = MessageSent(staff="ann", text=WORDS, at=at(100))
        events = told([self.UPDATE], inquiry(), reply(60), message)
        started = [t for e in events if isinstance(e, SlaTimersStarted) for t in e.timers]
        assert [(t.cycle, t.due_at) for t in started] == [(1, at(120)), (2, at(180)), (3, at(220))]

    def test_until_what_ends_it(self) -> None:
        ending = self.UPDATE | {"until": ["TicketResolved"]}
        events = told([ending], inquiry(), reply(60), resolved(70))
        assert one(events, SlaTimersCancelled).cause == "TicketResolved"
        fulfils = ending | {"fulfilled_by": ["FirstResponseSent", "TicketResolved"]}
        assert names(told([fulfils], inquiry(), resolved(70))) == [
            "SlaTimersStarted",
            "SlaTimersFulfilled",
        ]
