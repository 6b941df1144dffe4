"""Why a promise is due when it is, stretch by stretch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.circumstances import circumstances
from domain.event import Event
from domain.explaining import Explanation, Step, explain
from domain.opening_hours import Calendar, CalendarNeverOpens
from domain.policy.deadline import DeadlineRule, OnChange, Pack, Retarget
from domain.policy.rulebook import Rulebook
from domain.policy.target import CalendarDays, Minutes, Target, WorkingDays, WorkingMinutes
from domain.running_timer import Timer, fold
from domain.terms import Channel, WaitingFor
from domain.ticket.events import (
    FirstResponseSent,
    InquiryReceived,
    TicketClosed,
    TicketPriorityChanged,
    TicketWaiting,
    TicketWaitingEnded,
)
from domain.timer_events import Move, RetargetedTimer, SlaTimersRetargeted
from domain.timers import running_timers, with_timers
from domain.working_time import AfterHours, Mode
from tests.domain.minutes import MINUTE, Pause
from tests.domain.promises import WEEK, WORDS
from tests.domain.test_promises_by_the_minute import stories
from tests.domain.test_promises_by_the_minute import told as timer_told
from tests.examples import examples

CASE = UUID(int=8)
PACK = Pack(id="pack", version=1, says="", zh="")
BERLIN = Calendar(
    id="berlin",
    version=2,
    zone="Europe/Berlin",
    weekly=WEEK,
    holidays={date(2026, 10, 3): "Unity Day", date(2026, 12, 25): "Christmas Day"},
    years=frozenset({2026}),
)
FRIDAY = datetime(2026, 10, 23, 14, tzinfo=UTC)
"""16:00 in Berlin, before the night in which the clocks go back."""


def rule(target: Target, **more: Any) -> DeadlineRule:
    return DeadlineRule(
        id="rule",
        pack=PACK,
        clause="CB-10.1a",
        says="",
        zh="",
        metric="first_response",
        triggers=frozenset({"InquiryReceived"}),
        fulfilled_by=("FirstResponseSent",),
        target=target,
        **more,
    )


def rulebook(target: Target, calendar: Calendar = BERLIN, **more: Any) -> Rulebook:
    return Rulebook(rules=[rule(target, **more)], calendars={"DE": calendar}, home="DE")


def asked(at: datetime) -> Event:
    return InquiryReceived(customer=UUID(int=1), channel=Channel.EMAIL, at=at)


def waits(start: datetime, end: datetime) -> list[Event]:
    begun = TicketWaiting(waiting_for=WaitingFor.CUSTOMER, at=start)
    return [begun, TicketWaitingEnded(at=end)]


def timer_of(rules: Rulebook, *facts: Event) -> Timer:
    placed = with_timers({}, facts, rules=rules, case=circumstances((), "DE"), stream=CASE)
    (timer,) = running_timers([e for e, _ in placed if type(e).__name__.startswith("Sla")]).values()
    return timer


def told(rules: Rulebook, *facts: Event, until: datetime = FRIDAY) -> Explanation:
    return explain(timer_of(rules, *facts), rules.calendar_named, until)


def steps(explanation: Explanation) -> Sequence[tuple[str, timedelta]]:
    return [(stretch.step.value, stretch.counted) for stretch in explanation.stretches]


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


class TestCounted:
    def test_opening_hours_and_a_weekend_in_which_the_clocks_change(self) -> None:
        explanation = told(rulebook(WorkingMinutes(minutes=240)), asked(FRIDAY))
        assert [(s.step, s.start, s.end, s.so_far) for s in explanation.stretches] == [
            (Step.COUNTED, FRIDAY, FRIDAY + hours(2), hours(2)),
            (Step.CLOSED, FRIDAY + hours(2), FRIDAY + hours(66), hours(2)),
            (Step.COUNTED, FRIDAY + hours(66), FRIDAY + hours(68), hours(4)),
        ]
        assert explanation.due_at == datetime(2026, 10, 26, 10, tzinfo=UTC)
        assert (explanation.allowed, explanation.moved) == (hours(4), False)
        assert (explanation.calendar, explanation.zone) == ("berlin@2", "Europe/Berlin")

    def test_a_day_off_is_named(self) -> None:
        christmas = datetime(2026, 12, 24, 16, tzinfo=UTC)
        explanation = told(rulebook(WorkingMinutes(minutes=120)), asked(christmas))
        named = [(s.step, s.names) for s in explanation.stretches]
        assert named == [
            (Step.COUNTED, ()),
            (Step.DAY_OFF, ("Christmas Day",)),
            (Step.COUNTED, ()),
        ]

    def test_a_day_off_with_hours_of_its_own_is_none(self) -> None:
        open_at_christmas = replace(BERLIN, overrides={date(2026, 12, 25): ((600, 720),)})
        christmas = datetime(2026, 12, 24, 16, tzinfo=UTC)
        rules = rulebook(WorkingMinutes(minutes=120), open_at_christmas)
        assert [s.step for s in told(rules, asked(christmas)).stretches] == [
            Step.COUNTED,
            Step.CLOSED,
            Step.COUNTED,
        ]

    def test_elapsed_time_knows_neither_nights_nor_days_off(self) -> None:
        explanation = told(rulebook(Minutes(minutes=5 * 1440)), asked(FRIDAY))
        assert steps(explanation) == [("counted", timedelta(days=5))]

    def test_a_wait_counts_nothing(self) -> None:
        rules = rulebook(WorkingMinutes(minutes=60))
        explanation = told(rules, asked(FRIDAY), *waits(FRIDAY + hours(0.25), FRIDAY + hours(1.25)))
        assert steps(explanation) == [
            ("counted", hours(0.25)),
            ("paused", hours(0)),
            ("counted", hours(0.75)),
        ]
        assert explanation.due_at == FRIDAY + hours(2)

    def test_while_it_waits_it_is_told_up_to_now_and_has_no_due_time(self) -> None:
        rules = rulebook(WorkingMinutes(minutes=60))
        waiting = TicketWaiting(waiting_for=WaitingFor.CUSTOMER, at=FRIDAY + hours(0.25))
        explanation = told(rules, asked(FRIDAY), waiting, until=FRIDAY + hours(30))
        assert explanation.due_at is None
        assert explanation.stretches[-1].end == FRIDAY + hours(30)
        assert steps(explanation)[-1] == ("paused", hours(0))

    def test_what_is_kept_is_told_up_to_then(self) -> None:
        answer = FirstResponseSent(staff="ann", text=WORDS, at=FRIDAY + hours(1))
        explanation = told(rulebook(WorkingMinutes(minutes=240)), asked(FRIDAY), answer)
        assert steps(explanation) == [("counted", hours(1))]
        assert (explanation.due_at, explanation.moved) == (FRIDAY + hours(68), False)

    def test_what_is_kept_late_is_told_up_to_its_due_time(self) -> None:
        answer = FirstResponseSent(staff="ann", text=WORDS, at=FRIDAY + hours(90))
        explanation = told(rulebook(WorkingMinutes(minutes=60)), asked(FRIDAY), answer)
        assert steps(explanation) == [("counted", hours(1))]
        assert not explanation.moved

    def test_what_is_kept_after_a_wait_is_not_moved(self) -> None:
        rules = rulebook(WorkingMinutes(minutes=60))
        wait = waits(FRIDAY + hours(0.25), FRIDAY + hours(0.5))
        answer = FirstResponseSent(staff="ann", text=WORDS, at=FRIDAY + hours(1))
        explanation = told(rules, asked(FRIDAY), *wait, answer)
        assert (explanation.due_at, explanation.moved) == (FRIDAY + hours(1.25), False)
        closed = told(rules, asked(FRIDAY), TicketClosed(at=FRIDAY + hours(0.5)))
        assert (closed.due_at, closed.moved) == (FRIDAY + hours(1), False)
        assert steps(closed) == [("counted", hours(0.5))]

    def test_a_wait_after_the_due_time_is_no_part_of_it(self) -> None:
        rules = rulebook(WorkingMinutes(minutes=60))
        late = waits(FRIDAY + hours(1.5), FRIDAY + hours(1.75))
        assert steps(told(rules, asked(FRIDAY), *late)) == [("counted", hours(1))]
        assert steps(told(rules, asked(FRIDAY), *late[:1], until=FRIDAY + hours(9))) == [
            ("counted", hours(1))
        ]


class TestMoved:
    def test_to_another_market_each_part_counts_by_its_own_hours(self) -> None:
        early = Calendar(id="early", version=1, zone="UTC", weekly=(((360, 900),),) * 5 + ((), ()))
        rules = Rulebook(
            rules=[rule(WorkingMinutes(minutes=120))],
            calendars={"DE": BERLIN, "GB": early},
            home="DE",
        )
        timer = timer_of(rules, asked(FRIDAY))
        spans = timer.spans[0]
        there = FRIDAY + hours(0.5)
        moved = replace(
            timer,
            spans=(replace(spans, end=there), replace(spans, calendar="early@1", start=there)),
            deadline=datetime(2026, 10, 26, 7, tzinfo=UTC),
        )
        explanation = explain(moved, rules.calendar_named, FRIDAY)
        assert [(s.step, s.counted, s.so_far) for s in explanation.stretches] == [
            (Step.COUNTED, hours(0.5), hours(0.5)),
            (Step.COUNTED, hours(0.5), hours(1)),
            (Step.CLOSED, hours(0), hours(1)),
            (Step.COUNTED, hours(1), hours(2)),
        ]
        assert not explanation.moved

    def test_an_agreed_time_does_not_follow_from_the_count(self) -> None:
        rules = rulebook(WorkingMinutes(minutes=60))
        agreed = replace(timer_of(rules, asked(FRIDAY)), deadline=FRIDAY + hours(1.5))
        explanation = explain(agreed, rules.calendar_named, FRIDAY)
        assert explanation.moved
        assert steps(explanation) == [("counted", hours(1.5))]

    def test_what_counts_no_longer_is_said(self) -> None:
        """A change of priority that lets the count begin anew."""
        first = rule(WorkingMinutes(minutes=120), on_change={Move.PRIORITY: OnChange.RETARGET})
        again = replace(
            first,
            id="urgent",
            when={"priority": frozenset({"urgent"})},
            target=WorkingMinutes(minutes=30),
            retarget=Retarget(from_change=True),
        )
        rules = Rulebook(rules=[first, again], calendars={"DE": BERLIN}, home="DE")
        change = TicketPriorityChanged(priority="urgent", at=FRIDAY + hours(1))
        timer = timer_of(rules, asked(FRIDAY), change)
        assert timer.rule == "urgent"
        assert steps(explain(timer, rules.calendar_named, FRIDAY)) == [
            ("forgotten", hours(0)),
            ("counted", hours(0.5)),
        ]


def days(explanation: Explanation) -> Mapping[str, int | None]:
    tz = BERLIN.tz
    return {
        f"{stretch.start.astimezone(tz):%a %d}": stretch.number for stretch in explanation.stretches
    }


class TestDays:
    def test_each_local_day_is_told_and_the_working_ones_are_numbered(self) -> None:
        explanation = told(rulebook(WorkingDays(days=2)), asked(FRIDAY))
        assert days(explanation) == {
            "Fri 23": None,
            "Sat 24": None,
            "Sun 25": None,
            "Mon 26": 1,
            "Tue 27": 2,
        }
        assert explanation.due_at == datetime(2026, 10, 27, 17, tzinfo=UTC)
        assert not explanation.moved
        assert [s.step for s in explanation.stretches] == [
            Step.UNCOUNTED_DAY,
            Step.CLOSED_DAY,
            Step.CLOSED_DAY,
            Step.WORKING_DAY,
            Step.WORKING_DAY,
        ]
        lengths = {s.end - s.start for s in explanation.stretches}
        assert lengths == {hours(24), hours(25)}, "the clocks go back on the 25th"

    def test_what_comes_after_closing_has_come_the_next_day(self) -> None:
        explanation = told(rulebook(WorkingDays(days=1)), asked(FRIDAY + hours(5)))
        assert days(explanation)["Mon 26"] is None
        assert days(explanation)["Tue 27"] == 1

    def test_a_day_off_is_named(self) -> None:
        christmas = datetime(2026, 12, 24, 9, tzinfo=UTC)
        explanation = told(rulebook(WorkingDays(days=1)), asked(christmas))
        assert [(s.number, s.names) for s in explanation.stretches] == [
            (None, ()),
            (None, ("Christmas Day",)),
            (None, ()),
            (None, ()),
            (1, ()),
        ]

    def test_a_night_shift_belongs_to_the_day_on_which_it_begins(self) -> None:
        nights = replace(BERLIN, weekly=(((1320, 360),),) * 7)
        explanation = told(rulebook(WorkingDays(days=1), nights), asked(FRIDAY))
        assert explanation.due_at == datetime(2026, 10, 25, 5, tzinfo=UTC)
        assert days(explanation) == {"Fri 23": None, "Sat 24": 1, "Sun 25": None}

    def test_the_same_time_may_be_that_of_opening(self) -> None:
        """What comes in the last hour of Friday, after midnight, is due when Friday opens."""
        calendar = replace(BERLIN, weekly=((), (), (), (), ((120, 60),), (), ()))
        target = WorkingDays(days=1, mode=Mode.SAME_TIME)
        saturday = datetime(2026, 10, 23, 22, 30, tzinfo=UTC)
        explanation = told(rulebook(target, calendar), asked(saturday))
        assert explanation.due_at == datetime(2026, 10, 30, 1, tzinfo=UTC)
        assert list(days(explanation).items())[-1] == ("Fri 30", 1)

    def test_a_promised_day_stands_while_its_case_waits(self) -> None:
        rules = rulebook(WorkingDays(days=2))
        explanation = told(rules, asked(FRIDAY), *waits(FRIDAY + hours(1), FRIDAY + hours(70)))
        assert explanation == told(rules, asked(FRIDAY))

    def test_an_agreed_day_is_told_with_all_the_days_up_to_it(self) -> None:
        timer = timer_of(rulebook(WorkingDays(days=1)), asked(FRIDAY))
        timers = {timer.id: timer}
        agreed = datetime(2026, 10, 28, 17, tzinfo=UTC)
        moved = RetargetedTimer(
            timer=timer.id, old_due_at=timer.due_at, due_at=agreed, cause=Move.AGREED
        )
        fold(timers, SlaTimersRetargeted(timers=(moved,), at=FRIDAY))
        explanation = explain(
            timers[timer.id], rulebook(WorkingDays(days=1)).calendar_named, agreed
        )
        assert explanation.moved
        assert list(days(explanation).values()) == [None, None, None, 1, 2, 3]

    def test_calendar_days_count_every_day(self) -> None:
        explanation = told(rulebook(CalendarDays(days=3)), asked(FRIDAY))
        assert steps(explanation) == [("counted", hours(73))], "by the wall clock, an hour more"
        assert not explanation.moved


class TestProvisional:
    @pytest.mark.parametrize(
        ("target", "at", "provisional"),
        [
            (WorkingMinutes(minutes=60), FRIDAY, False),
            (WorkingMinutes(minutes=60), datetime(2027, 3, 1, 9, tzinfo=UTC), True),
            (WorkingDays(days=9), datetime(2026, 12, 22, 9, tzinfo=UTC), True),
            (Minutes(minutes=60), datetime(2027, 3, 1, 9, tzinfo=UTC), False),
        ],
    )
    def test_where_days_off_may_still_be_announced(
        self, target: Target, at: datetime, provisional: bool
    ) -> None:
        assert told(rulebook(target), asked(at)).provisional is provisional


@pytest.mark.hypothesis
@settings(max_examples=examples(60), deadline=None)
@given(stories(14 * 1440))
def test_whatever_the_story_no_moment_is_left_out_and_none_counted_twice(
    story: tuple[Calendar, datetime, int, list[Pause], bool],
) -> None:
    calendar, start, minutes, _, working = story
    if working and not any(a != b for day in calendar.weekly for a, b in day):
        return
    timer = timer_told(*story)
    until = start + 20 * 1440 * MINUTE
    explanation = explain(timer, lambda _: calendar, until)
    stretches = explanation.stretches
    stop = timer.deadline or until
    assert [stretches[0].start, *(s.end for s in stretches)] == [
        *(s.start for s in stretches),
        stop,
    ]
    assert all(s.start < s.end for s in stretches)
    counted = sum((s.counted for s in stretches), timedelta())
    assert counted == stretches[-1].so_far == timer.counted(lambda _: calendar, stop)
    assert all(s.counted in (timedelta(), s.end - s.start) for s in stretches)
    if timer.deadline is not None:
        assert counted == explanation.allowed == minutes * MINUTE
        assert not explanation.moved


@pytest.mark.hypothesis
@settings(max_examples=examples(100), deadline=None)
@given(stories(14 * 1440), st.integers(1, 9), st.sampled_from(Mode), st.sampled_from(AfterHours))
def test_whatever_the_calendar_the_promised_days_are_counted_up_to_the_due_time(
    story: tuple[Calendar, datetime, int, list[Pause], bool],
    number: int,
    mode: Mode,
    after_hours: AfterHours,
) -> None:
    calendar, start, *_ = story
    target = WorkingDays(days=number, mode=mode, after_hours=after_hours)
    rules = rulebook(target, replace(calendar, id="berlin"))
    try:
        explanation = told(rules, asked(start))
    except CalendarNeverOpens:
        return
    stretches, due = explanation.stretches, explanation.due_at
    assert due is not None
    assert not explanation.moved
    assert stretches[0].start <= start < stretches[0].end
    assert stretches[-1].start <= due <= stretches[-1].end
    assert [s.end for s in stretches[:-1]] == [s.start for s in stretches[1:]]
    counted = [s.number for s in stretches if s.number is not None]
    assert counted == list(range(1, number + 1))
    assert all(s.step is Step.WORKING_DAY for s in stretches if s.number is not None)
