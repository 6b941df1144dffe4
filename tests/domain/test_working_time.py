"""Working time against cases with known answers, and against a counter that steps by the minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.opening_hours import Calendar, CalendarNeverOpens
from domain.working_time import (
    AfterHours,
    Mode,
    after_next_opening,
    due,
    elapsed,
    inside_day_span,
    is_open,
    next_open,
    windows_between,
    working_days_due,
)
from tests.examples import examples

CASES = yaml.safe_load((Path(__file__).parent / "working_time_cases.yaml").read_text("utf-8"))
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = timedelta(minutes=1)


def minutes(clock: str) -> int:
    hours, minute = clock.split(":")
    return int(hours) * 60 + int(minute)


def windows(pairs: list[list[str]]) -> list[tuple[int, int]]:
    return [(minutes(a), minutes(b)) for a, b in pairs]


def calendar(spec: dict[str, Any]) -> Calendar:
    return Calendar(
        id="test",
        version=1,
        zone=spec["timezone"],
        weekly=[windows(spec["weekly"].get(day, [])) for day in DAYS],
        holidays={date.fromisoformat(str(day)): "" for day in spec.get("holidays", [])},
        overrides={
            date.fromisoformat(str(o["date"])): windows(o["windows"])
            for o in spec.get("overrides", [])
        },
    )


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_due_time_is_the_one_known(case: dict[str, Any]) -> None:
    hours, at, target = calendar(case["calendar"]), instant(case["at"]), case["target"]
    days = target.get("working_days")
    if days is not None and target.get("mode") != "working_minutes":
        answer = working_days_due(
            hours,
            at,
            days,
            Mode(target.get("mode", "end_of_day")),
            AfterHours(target.get("after_hours_receipt", "next_working_day")),
        )
    else:
        amount = target["minutes"] if days is None else days * target["hours_per_day"] * 60
        if "out_of_hours" in case and not inside_day_span(hours, at):
            amount = case["out_of_hours"]["minutes"]
        counted = timedelta(minutes=amount)
        answer = due(hours, at, counted) if case["hours"] == "business" else at + counted
    assert answer == instant(case["due"])


class Stepping:
    """The rules read literally: one minute after the other, asking the wall clock of each."""

    def __init__(self, hours: Calendar) -> None:
        self.hours = hours
        self.tz = ZoneInfo(hours.zone)

    def label(self, at: datetime) -> datetime:
        local = at.astimezone(self.tz)
        if local.fold == 0:
            return local.replace(tzinfo=None)
        while at.astimezone(self.tz).fold == 1:
            at += MINUTE
        return at.astimezone(self.tz).replace(tzinfo=None) - MINUTE

    def open(self, at: datetime) -> bool:
        label = self.label(at)
        for back in (0, 1):
            midnight = datetime.combine(label.date() - timedelta(days=back), time())
            for start, end in self.hours.hours(midnight.date()):
                if midnight + start * MINUTE <= label < midnight + end * MINUTE:
                    return True
        return False


MOMENTS = {
    "Europe/Berlin": ("2026-03-28T20:00Z", "2026-10-24T20:00Z"),
    "America/New_York": ("2026-03-08T02:00Z", "2026-11-01T02:00Z"),
    "Australia/Lord_Howe": ("2026-04-04T10:00Z", "2026-10-03T10:00Z"),
    "America/Sao_Paulo": ("2018-02-17T22:00Z", "2018-11-03T22:00Z"),
    "Africa/Cairo": ("2026-04-23T18:00Z", "2026-10-29T18:00Z"),
    "Pacific/Apia": ("2011-12-29T20:00Z", "2011-12-30T20:00Z"),
    "Asia/Shanghai": ("2026-02-13T20:00Z", "2026-05-08T20:00Z"),
}
clocks = st.integers(0, 1440) | st.sampled_from([0, 60, 90, 120, 150, 180, 1380, 1440])
day_hours = st.lists(st.tuples(clocks.filter(lambda m: m < 1440), clocks), max_size=3)
zones = st.sampled_from(sorted(MOMENTS))


@st.composite
def situations(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    zone = draw(zones)
    start = instant(draw(st.sampled_from(MOMENTS[zone])))
    start += draw(st.integers(0, 600)) * MINUTE
    weekly = draw(st.lists(day_hours, min_size=7, max_size=7))
    closed = start.date() + timedelta(days=draw(st.integers(0, 2)))
    special = start.date() + timedelta(days=draw(st.integers(0, 2)))
    made = Calendar(
        id="drawn",
        version=1,
        zone=zone,
        weekly=weekly,
        holidays={closed: "closed"},
        overrides=draw(st.just({}) | day_hours.map(lambda hours: {special: hours})),
    )
    return made, start


@settings(deadline=None, max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow])
@given(situations())
def test_counts_what_a_minute_by_minute_count_counts(
    situation: tuple[Calendar, datetime],
) -> None:
    hours, start = situation
    stepping = Stepping(hours)
    counted = 0
    for step in range(900):
        at = start + step * MINUTE
        opened = stepping.open(at)
        assert is_open(hours, at) is opened
        counted += opened
        if opened:
            assert due(hours, start, counted * MINUTE) == at + MINUTE
    end = start + 900 * MINUTE
    assert elapsed(hours, start, end) == counted * MINUTE
    listed = list(windows_between(hours, start, end))
    assert sum((b - a for a, b in listed), timedelta()) == counted * MINUTE
    assert all(a < b for a, b in listed)
    assert all(b < c for (_, b), (c, _) in pairwise(listed))


@pytest.fixture
def office() -> Calendar:
    nine_to_six = [(540, 1080)]
    return Calendar(id="o", version=1, zone="Asia/Shanghai", weekly=[nine_to_six] * 5 + [[], []])


def shanghai(
    year: int, month: int, day: int, hour: int, minute: int = 0, second: int = 0, micro: int = 0
) -> datetime:
    zone = ZoneInfo("Asia/Shanghai")
    return datetime(year, month, day, hour, minute, second, micro, tzinfo=zone)


class TestByHand:
    def test_one_minute_before_closing_runs_on_tomorrow(self, office: Calendar) -> None:
        assert due(office, shanghai(2026, 3, 2, 17, 59), 60 * MINUTE) == shanghai(2026, 3, 3, 9, 59)

    @pytest.mark.clause("CB-10.1b")
    def test_at_closing_it_is_two_hours_after_the_next_opening(self, office: Calendar) -> None:
        at = shanghai(2026, 3, 6, 18)
        assert not inside_day_span(office, at)
        assert next_open(office, at) == shanghai(2026, 3, 9, 9)
        assert after_next_opening(office, at, 120 * MINUTE) == shanghai(2026, 3, 9, 11)

    def test_is_exact_to_the_microsecond(self, office: Calendar) -> None:
        at = shanghai(2026, 3, 2, 17, 59, 30, 250)
        assert due(office, at, timedelta(seconds=60)) == shanghai(2026, 3, 3, 9, 0, 30, 250)

    def test_nothing_is_due_at_once(self, office: Calendar) -> None:
        at = shanghai(2026, 3, 7, 12)
        assert due(office, at, timedelta()) == at

    def test_a_calendar_that_never_opens_is_refused(self) -> None:
        never = Calendar(id="n", version=1, zone="UTC", weekly=[[]] * 7)
        at = datetime(2026, 3, 2, tzinfo=UTC)
        with pytest.raises(CalendarNeverOpens):
            due(never, at, MINUTE)
        with pytest.raises(CalendarNeverOpens):
            next_open(never, at)
        with pytest.raises(CalendarNeverOpens):
            working_days_due(never, at, 1)
        assert elapsed(never, at, at + timedelta(days=3)) == timedelta()

    def test_a_time_without_a_zone_is_a_fault(self, office: Calendar) -> None:
        with pytest.raises(ValueError, match="zone"):
            due(office, datetime(2026, 3, 2, 12), MINUTE)  # noqa: DTZ001
