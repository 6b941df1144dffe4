"""How timer events add up, and what holds of timers whatever happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid5

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.complaint.events import (
    CloseBasis,
    ComplaintClosed,
)
from domain.event import Event
from domain.keys import SubjectKeyCreated
from domain.terms import Tier
from domain.ticket.events import (
    InternalNoteAdded,
    TicketClosed,
)
from domain.timer_events import (
    PausedTimer,
    ResumedTimer,
    SlaBreached,
    SlaTimersCancelled,
    SlaTimersFulfilled,
    SlaTimersPaused,
    SlaTimersResumed,
    SlaTimersStarted,
    SlaWarningReached,
)
from domain.timers import due_before, is_fact, is_timer_event, running_timers
from tests.domain.promises import (
    CASE,
    ELEVEN,
    HALF_PAST_TEN,
    NOON,
    TEN,
    WORDS,
    complaint,
    extended,
    inquiry,
    investigated,
    placed,
    registered,
    reply,
)
from tests.examples import examples


class TestFolding:
    timer = uuid5(CASE, "cb-10.1a:1")

    def test_a_paused_timer_is_never_overdue_and_a_resumed_one_is_again(self) -> None:
        events = placed(inquiry())[1:]
        paused = SlaTimersPaused(
            timers=(PausedTimer(timer=self.timer, left_seconds=1800),), at=HALF_PAST_TEN
        )
        resumed = SlaTimersResumed(timers=(ResumedTimer(timer=self.timer, due_at=NOON),), at=ELEVEN)
        assert due_before(running_timers([*events, paused]), NOON) == []
        [breach] = due_before(
            running_timers([*events, paused, resumed]), NOON + timedelta(minutes=1)
        )
        assert breach.due_at == NOON

    def test_a_warning_changes_nothing_but_that_it_was_given(self) -> None:
        events = placed(inquiry())[1:]
        warning = SlaWarningReached(
            timer=self.timer,
            metric="first_response",
            rule="cb-10.1a",
            clause="CB-10.1a",
            due_at=ELEVEN,
            milestone="half",
            at=HALF_PAST_TEN,
        )
        [before], [after] = (
            list(running_timers(known).values()) for known in (events, [*events, warning])
        )
        assert after == replace(before, noted=frozenset({"half"}))

    def test_facts_timer_events_and_key_events_are_told_apart_by_name(self) -> None:
        assert is_fact("InquiryReceived")
        assert not is_timer_event("InquiryReceived")
        assert is_timer_event(SlaBreached.__name__)
        assert not is_fact(SlaBreached.__name__)
        assert not is_fact(SubjectKeyCreated.__name__)
        assert not is_timer_event(SubjectKeyCreated.__name__)


moments = st.integers(0, 14 * 24 * 60).map(lambda minutes: TEN + timedelta(minutes=minutes))
facts = st.one_of(
    st.builds(inquiry, moments, st.sampled_from([None, Tier.CORE])),
    moments.map(reply),
    moments.map(complaint),
    moments.map(registered),
    moments.map(investigated),
    st.builds(extended, moments, moments),
    moments.map(lambda at: TicketClosed(at=at)),
    moments.map(lambda at: ComplaintClosed(basis=CloseBasis.SATISFIED, at=at)),
    moments.map(lambda at: InternalNoteAdded(text=WORDS, at=at)),
)
histories = st.lists(facts, max_size=12)


class TestWhateverHappens:
    @settings(max_examples=examples(150), deadline=None)
    @given(histories, st.integers(0, 12))
    def test_one_append_or_two_make_the_same_history(self, history: list[Event], cut: int) -> None:
        whole = placed(*history)
        first = placed(*history[:cut])
        second = placed(*history[cut:], before=first)
        assert first + second == whole

    @settings(max_examples=examples(150), deadline=None)
    @given(histories)
    def test_facts_keep_their_order_and_a_timer_its_word(self, history: list[Event]) -> None:
        events = placed(*history)
        assert [e for e in events if is_fact(type(e).__name__)] == history
        started = [t for e in events if isinstance(e, SlaTimersStarted) for t in e.timers]
        assert len({t.timer for t in started}) == len(started)
        assert all(t.started_at <= t.due_at for t in started)
        breaches = [e for e in events if isinstance(e, SlaBreached)]
        assert len({b.timer for b in breaches}) == len(breaches)
        ended = [t.timer for e in events if isinstance(e, SlaTimersFulfilled) for t in e.timers]
        ended += [t for e in events if isinstance(e, SlaTimersCancelled) for t in e.timers]
        assert len(set(ended)) == len(ended)
