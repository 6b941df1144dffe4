"""Working time where the wall clock jumps, and where a day closed before the trigger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.opening_hours import Calendar, CalendarNeverOpens, Minutes
from domain.working_time import (
    Mode,
    due,
    inside_day_span,
    is_open,
    windows_between,
    working_days_due,
)

MINUTE = timedelta(minutes=1)
DAY_HOURS: Sequence[Minutes] = [(540, 1080)]


def open_on(zone: str, overrides: Mapping[date, Sequence[Minutes]]) -> Calendar:
    """Open on these dates and, from 09:00 to 18:00, on weekdays."""
    return Calendar(
        id="edges",
        version=1,
        zone=zone,
        weekly=[DAY_HOURS] * 5 + [[], []],
        overrides=overrides,
    )


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestTheSkippedHour:
    """Cairo, 24 April 2026: 00:00 to 01:00 does not exist; the clock jumps at 22:00 UTC."""

    hours = open_on("Africa/Cairo", {date(2026, 4, 24): [(10, 50), (120, 240)]})

    def test_a_window_within_it_opens_for_no_time(self) -> None:
        jump = utc("2026-04-23T22:00")
        assert not is_open(self.hours, jump)
        assert list(windows_between(self.hours, jump, jump + timedelta(hours=4))) == [
            (utc("2026-04-23T23:00"), utc("2026-04-24T01:00"))
        ]

    def test_and_yet_it_begins_the_span_of_the_day(self) -> None:
        jump = utc("2026-04-23T22:00")
        assert inside_day_span(self.hours, jump)
        assert not inside_day_span(self.hours, jump - MINUTE)


class TestTheRepeatedHour:
    """New York, 1 November 2026: 01:00 to 02:00 passes twice, the second time from 06:00 UTC."""

    hours = open_on(
        "America/New_York", {date(2026, 11, 1): [(0, 720)], date(2026, 11, 2): [(0, 720)]}
    )

    @pytest.mark.parametrize(
        ("trigger", "wall_clock"),
        [
            pytest.param("2026-11-01T05:26", "2026-11-02T06:26", id="first pass: its own label"),
            pytest.param("2026-11-01T06:26", "2026-11-02T06:59", id="second pass: the last minute"),
        ],
    )
    def test_the_same_time_a_day_later(self, trigger: str, wall_clock: str) -> None:
        answer = working_days_due(self.hours, utc(trigger), 1, Mode.SAME_TIME)
        assert answer == utc(wall_clock)

    def test_both_passes_are_counted(self) -> None:
        assert due(self.hours, utc("2026-11-01T04:00"), 780 * MINUTE) == utc("2026-11-01T17:00")


@pytest.mark.parametrize("mode", [Mode.END_OF_DAY, Mode.SAME_TIME])
def test_a_day_over_before_its_trigger_is_refused(mode: Mode) -> None:
    """At 02:30 the night shift of the 9th is on; the hours of the 10th ended at 01:00."""
    hours = open_on(
        "Europe/Berlin", {date(2026, 6, 9): [(1380, 180)], date(2026, 6, 10): [(0, 60)]}
    )
    with pytest.raises(CalendarNeverOpens):
        working_days_due(hours, utc("2026-06-10T00:30"), 1, mode)


def test_a_date_the_zone_left_out_has_no_hours() -> None:
    """Apia went from 29 to 31 December 2011; the Friday between was never there."""
    hours = open_on("Pacific/Apia", {date(2011, 12, 30): DAY_HOURS, date(2011, 12, 31): DAY_HOURS})
    assert due(hours, utc("2011-12-30T03:30"), 60 * MINUTE) == utc("2011-12-30T19:30")
