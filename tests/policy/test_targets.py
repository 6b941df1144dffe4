"""Targets: how they are read from rows, written on timers, and what they come to."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.event import Event
from domain.opening_hours import Calendar
from domain.policy.target import (
    AsAgreed,
    ByTimeOfDay,
    CalendarDays,
    CalendarMonths,
    Minutes,
    Target,
    WorkingDays,
    WorkingMinutes,
    read_target,
    target_from,
)
from domain.working_time import AfterHours, Mode

BOSTON = Calendar(
    id="boston",
    version=1,
    zone="America/New_York",
    weekly=((((510, 1020),),) * 5 + ((), ())),
)
ROWS: list[tuple[dict[str, Any], Target, str]] = [
    ({"working_minutes": 60}, WorkingMinutes(minutes=60), "PT60M working"),
    (
        {"working_minutes": 120, "from": "opening"},
        WorkingMinutes(minutes=120, from_opening=True),
        "PT120M working from opening",
    ),
    ({"minutes": 1440}, Minutes(minutes=1440), "PT1440M"),
    ({"working_days": 2, "hours_per_day": 9}, WorkingMinutes(minutes=1080), "PT1080M working"),
    ({"working_days": 2}, WorkingDays(days=2), "P2D working"),
    (
        {"working_days": 2, "mode": "same_time", "after_hours": "same_day"},
        WorkingDays(days=2, mode=Mode.SAME_TIME, after_hours=AfterHours.SAME_DAY),
        "P2D working same time same day",
    ),
    (
        {"working_days": 2, "mode": "same_clock"},
        WorkingDays(days=2, mode=Mode.SAME_CLOCK),
        "P2D working same clock",
    ),
    (
        {"working_days": 2, "mode": "same_time", "from": "opening"},
        WorkingDays(days=2, mode=Mode.SAME_TIME, from_opening=True),
        "P2D working same time from opening",
    ),
    (
        {"working_days": 15, "from": "day"},
        WorkingDays(days=15, from_day=True),
        "P15D working from day",
    ),
    ({"calendar_days": 45}, CalendarDays(days=45), "P45D"),
    ({"calendar_months": 1}, CalendarMonths(months=1), "P1M"),
    ({"by": "18:00"}, ByTimeOfDay(by=time(18)), "by 18:00"),
    ({"agreed": True}, AsAgreed(), "as agreed"),
]


@pytest.mark.parametrize(("row", "target", "written"), ROWS, ids=[written for *_, written in ROWS])
def test_a_row_says_a_target_and_a_timer_writes_it_down(
    row: dict[str, Any], target: Target, written: str
) -> None:
    assert read_target(row) == target
    assert str(target) == written
    assert target_from(written) == target


@pytest.mark.parametrize("written", ["", "PT60", "P2D working ", "PT60M working from day"])
def test_nothing_else_is_written_down(written: str) -> None:
    with pytest.raises(ValueError, match="no such target"):
        target_from(written)


@pytest.mark.parametrize(
    ("target", "opened", "due"),
    [
        pytest.param("P5D working same clock", "07-01 08:32", "07-08 08:32", id="in hours"),
        pytest.param("P10D working same clock", "07-01 01:32", "07-15 01:32", id="before opening"),
        pytest.param("P5D working same clock", "07-01 17:16", "07-11 08:30", id="after closing"),
        pytest.param("P2D working same clock", "07-02 08:31", "07-06 08:31", id="on a Saturday"),
        pytest.param("P1D working same clock", "07-02 17:44", "07-06 08:30", id="Saturday evening"),
        pytest.param(
            "P2D working same time from opening", "07-02 17:44", "07-06 08:30", id="moved"
        ),
        pytest.param("P2D working same time from opening", "07-01 12:00", "07-05 12:00", id="in"),
        pytest.param("by 18:00", "07-01 17:00", "07-01 18:00", id="by the evening"),
        pytest.param("by 18:00", "07-01 18:01", "07-02 18:00", id="by the next evening"),
        pytest.param("P1M", "08-31 12:00", "09-30 12:00", id="a shorter month"),
    ],
)
def test_what_targets_come_to(target: str, opened: str, due: str) -> None:
    def local(text: str) -> datetime:
        zone = ZoneInfo(BOSTON.zone)
        return datetime.fromisoformat(f"2011-{text}").replace(tzinfo=zone).astimezone(UTC)

    assert target_from(target).due(BOSTON, Event(at=local(opened))) == local(due)
