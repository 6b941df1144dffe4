"""Whatever the hours, the zone, the waits and the clocks: the engine's due time is the one that
counting minutes comes to. `make torture` tries it with many more and longer ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.circumstances import circumstances
from domain.event import Event
from domain.opening_hours import Calendar
from domain.policy.deadline import DeadlineRule, Pack
from domain.policy.rulebook import Rulebook
from domain.policy.target import Minutes, WorkingMinutes
from domain.running_timer import Timer
from domain.terms import Channel, WaitingFor
from domain.ticket.events import InquiryReceived, TicketWaiting, TicketWaitingEnded
from domain.timers import running_timers, with_timers
from tests.domain.minutes import MINUTE, ByTheMinute, Pause
from tests.examples import examples

ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Shanghai",
    "Asia/Kathmandu",
    "Asia/Jerusalem",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
)
AROUND = (
    datetime(2026, 3, 25, tzinfo=UTC),
    datetime(2026, 4, 1, tzinfo=UTC),
    datetime(2026, 6, 9, tzinfo=UTC),
    datetime(2026, 10, 22, tzinfo=UTC),
    datetime(2026, 10, 29, tzinfo=UTC),
    datetime(2025, 12, 29, tzinfo=UTC),
    datetime(2028, 2, 27, tzinfo=UTC),
    datetime(2018, 10, 31, tzinfo=UTC),
)
"""Days around which clocks change somewhere, years end, or February has another day."""
CASE = UUID(int=9)

minute = st.integers(0, 1440)
window = st.tuples(minute, minute)


@st.composite
def days(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    """No, one or several windows of a day, which do not overlap; the last may cross midnight."""
    edges = sorted(set(draw(st.lists(minute, max_size=6))))
    crosses: bool = draw(st.booleans())
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    if pairs and crosses:
        start, _ = pairs[-1]
        pairs[-1] = start, draw(st.integers(0, start))
    return tuple(pairs)


@st.composite
def calendars(draw: st.DrawFn, first: date) -> Calendar:
    near = st.integers(-2, 15).map(lambda n: first + timedelta(days=n))
    return Calendar(
        id="any",
        version=1,
        zone=draw(st.sampled_from(ZONES)),
        weekly=tuple(draw(days()) for _ in range(7)),
        holidays=dict.fromkeys(draw(st.lists(near, max_size=2)), "a day off"),
        overrides=draw(st.dictionaries(near, days(), max_size=2)),
    )


@st.composite
def stories(draw: st.DrawFn, horizon: int) -> tuple[Calendar, datetime, int, list[Pause], bool]:
    """Hours, a start, a promise in minutes, and when its case waits."""
    start = draw(st.sampled_from(AROUND)) + draw(st.integers(0, 4 * 1440)) * MINUTE
    calendar = draw(calendars(start.date()))
    edges = sorted(set(draw(st.lists(st.integers(0, horizon), max_size=6))))
    pauses = [
        (start + a * MINUTE, start + b * MINUTE)
        for a, b in zip(edges[::2], edges[1::2], strict=False)
    ]
    share = draw(st.sampled_from([1, 4, 12, 40]))
    return calendar, start, draw(st.integers(1, horizon // share)), pauses, draw(st.booleans())


def facts(start: datetime, pauses: list[Pause]) -> Iterator[Event]:
    yield InquiryReceived(customer=UUID(int=1), channel=Channel.EMAIL, at=start)
    for begun, ended in pauses:
        yield TicketWaiting(waiting_for=WaitingFor.CUSTOMER, at=begun)
        yield TicketWaitingEnded(at=ended)


def told(
    calendar: Calendar, start: datetime, minutes: int, pauses: list[Pause], working: bool
) -> Timer:
    """The timer after all that is told, by the engine."""
    rule = DeadlineRule(
        id="rule",
        pack=Pack(id="pack", version=1, says="", zh=""),
        clause="CB-10.1a",
        says="",
        zh="",
        metric="first_response",
        triggers=frozenset({"InquiryReceived"}),
        fulfilled_by=("FirstResponseSent",),
        target=WorkingMinutes(minutes=minutes) if working else Minutes(minutes=minutes),
    )
    rules = Rulebook(rules=[rule], calendars={"CN": calendar})
    events = with_timers(
        {}, list(facts(start, pauses)), rules=rules, case=circumstances((), "CN"), stream=CASE
    )
    (timer,) = running_timers([e for e, _ in events if type(e).__name__.startswith("Sla")]).values()
    return timer


def compare(
    story: tuple[Calendar, datetime, int, list[Pause], bool], horizon: int
) -> tuple[datetime | None, datetime | None]:
    """What counting minutes comes to, and what the engine says, up to the horizon."""
    calendar, start, minutes, pauses, working = story
    if working and not any(a != b for day in calendar.weekly for a, b in day):
        return None, None
    last = start + horizon * MINUTE
    slow = ByTheMinute(calendar).due(start, minutes, pauses, last, working)
    timer = told(calendar, start, minutes, pauses, working)
    due = timer.deadline
    return slow, due if due is not None and due <= last else None


@pytest.mark.hypothesis
@settings(max_examples=examples(60), deadline=None)
@given(stories(14 * 1440))
def test_a_fortnight(story: tuple[Calendar, datetime, int, list[Pause], bool]) -> None:
    slow, fast = compare(story, 14 * 1440)
    assert fast == slow
