"""Opening hours by the year: the turn of a year, long closures, and years not yet announced."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.opening_hours import Calendar, CalendarNeverOpens
from domain.working_time import (
    due,
    elapsed,
    next_open,
    rests_on_provisional,
    windows_between,
    working_days_due,
)

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
NEW_YEAR = date(2026, 1, 1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def nights(**more: object) -> Calendar:
    """From 22:00 to 06:00 every night, in UTC."""
    return Calendar(id="n", version=1, zone="UTC", weekly=[[(1320, 360)]] * 7, **more)  # type: ignore[arg-type]


class TestTheTurnOfTheYear:
    hours = nights(holidays={NEW_YEAR: "New Year"})

    def test_a_window_of_the_old_year_runs_on_in_the_new(self) -> None:
        assert due(self.hours, utc("2025-12-31T23:00"), 180 * MINUTE) == utc("2026-01-01T02:00")

    def test_and_is_one_window(self) -> None:
        listed = windows_between(self.hours, utc("2025-12-31T12:00"), utc("2026-01-02T12:00"))
        assert list(listed) == [(utc("2025-12-31T22:00"), utc("2026-01-01T06:00"))]

    def test_is_counted_once(self) -> None:
        counted = elapsed(self.hours, utc("2025-12-30T12:00"), utc("2026-01-03T12:00"))
        assert counted == 3 * 480 * MINUTE

    def test_the_next_opening_may_lie_in_the_new_year(self) -> None:
        assert next_open(self.hours, utc("2026-01-01T06:00")) == utc("2026-01-02T22:00")

    def test_years_of_work_are_counted_through(self) -> None:
        hours = nights()
        assert due(hours, utc("2025-06-01T22:00"), 1000 * 480 * MINUTE) == utc("2028-02-26T06:00")
        at = working_days_due(hours, utc("2025-06-01T22:00"), 1000)
        assert at == utc("2028-02-27T06:00") and at.date() - DAY == date(2025, 6, 1) + 1000 * DAY


class TestAClosureOfManyDays:
    """The first day that counts as closed is the one before the trigger."""

    start = datetime(2025, 3, 10, 12, tzinfo=UTC)

    def closed_until(self, days: int) -> Calendar:
        opens = self.start.date() + days * DAY
        return Calendar(
            id="c", version=1, zone="UTC", weekly=[[]] * 7, overrides={opens: [(540, 600)]}
        )

    def test_of_420_days_is_waited_for(self) -> None:
        opens = self.closed_until(419)
        assert next_open(opens, self.start) == utc("2026-05-03T09:00")
        assert due(opens, self.start, 60 * MINUTE) == utc("2026-05-03T10:00")

    def test_of_421_is_for_ever(self) -> None:
        with pytest.raises(CalendarNeverOpens):
            due(self.closed_until(420), self.start, MINUTE)
        with pytest.raises(CalendarNeverOpens):
            next_open(self.closed_until(420), self.start)

    def test_working_days_wait_as_long(self) -> None:
        """For them the first closed day is the one after the trigger's."""
        assert working_days_due(self.closed_until(421), self.start, 0) == utc("2026-05-05T10:00")
        with pytest.raises(CalendarNeverOpens):
            working_days_due(self.closed_until(422), self.start, 0)

    def test_after_the_last_opening_nothing_is_due(self) -> None:
        with pytest.raises(CalendarNeverOpens):
            due(self.closed_until(1), self.start, 61 * MINUTE)


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "9999-12-31T23:59"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"])
def test_the_ends_of_time_have_no_hours(at: str, zone: str) -> None:
    """A time of day there that no date can name."""
    hours = Calendar(id="c", version=1, zone=zone, weekly=[[(0, 1440)]] * 7)
    with pytest.raises(CalendarNeverOpens):
        due(hours, utc(at), 60 * MINUTE)
    with pytest.raises(CalendarNeverOpens):
        working_days_due(hours, utc(at), 1)


class TestProvisional:
    hours = Calendar(
        id="cn",
        version=1,
        zone="Asia/Shanghai",
        weekly=[[(540, 1080)]] * 7,
        years=frozenset({2025, 2026, 2027}),
        provisional_from=2027,
    )

    @pytest.mark.parametrize(
        ("start", "amount", "rests"),
        [
            pytest.param("2026-12-30T01:00", 540, False, id="over by the last evening"),
            pytest.param("2026-12-31T01:00", 540, False, id="due at closing of the last day"),
            pytest.param("2026-12-31T01:00", 541, True, id="a minute into the next year"),
            pytest.param("2027-06-01T01:00", 60, True, id="within a year not announced"),
            pytest.param("2024-12-31T09:00", 60, True, id="from a year never looked up"),
        ],
    )
    def test_says_whether_a_day_off_could_move_it(
        self, start: str, amount: int, rests: bool
    ) -> None:
        answer = due(self.hours, utc(start), amount * MINUTE)
        assert rests_on_provisional(self.hours, utc(start), answer) is rests

    def test_due_at_midnight_belongs_to_the_day_that_ends(self) -> None:
        at = utc("2026-12-31T16:00")
        assert not rests_on_provisional(self.hours, at - 60 * MINUTE, at)
        assert rests_on_provisional(self.hours, at - 60 * MINUTE, at + MINUTE)

    def test_a_night_shift_belongs_to_the_year_it_starts_in(self) -> None:
        hours = nights(years=frozenset({2026}), provisional_from=2027)
        at = utc("2026-12-31T22:00")
        assert not rests_on_provisional(hours, at, utc("2027-01-01T06:00"))
        assert rests_on_provisional(hours, at, utc("2027-01-01T22:30"))

    def test_hours_without_days_off_rest_on_nothing(self) -> None:
        assert not rests_on_provisional(nights(), utc("2026-12-31T22:00"), utc("2031-01-01T00:00"))
