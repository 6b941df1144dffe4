"""Promises counted minute by minute: slow, and with nothing in common with the engine.

No interval is ever added to another: every minute of UTC is asked what the wall clock shows,
whether that is within the hours of some date, and whether the case waits; it counts or it does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.opening_hours import Calendar

MINUTE = timedelta(minutes=1)
Pause = tuple[datetime, datetime]


class ByTheMinute:
    """A calendar as a person with a clock and much patience would keep it."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._zone = ZoneInfo(calendar.zone)
        self._open: dict[date, bytes] = {}

    def due(
        self, start: datetime, minutes: int, pauses: Sequence[Pause], last: datetime, working: bool
    ) -> datetime | None:
        """The first minute by which so many have counted; None if that is not so by `last`."""
        at, left = start, minutes
        while at < last:
            if left == 0:
                return at
            waits = any(begun <= at < ended for begun, ended in pauses)
            left -= not waits and (not working or self.is_open(at))
            at += MINUTE
        return at if left == 0 else None

    def is_open(self, at: datetime) -> bool:
        day = at.date()
        if day not in self._open:
            midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
            self._open[day] = bytes(self._shows_open(midnight + n * MINUTE) for n in range(1440))
        return bool(self._open[day][at.hour * 60 + at.minute])

    def _shows_open(self, at: datetime) -> bool:
        shown = at.astimezone(self._zone)
        if shown.fold:
            # The hour is shown a second time: it counts as the last minute of the first.
            while shown.fold:
                at += MINUTE
                shown = at.astimezone(self._zone)
            shown -= MINUTE
        minute = shown.hour * 60 + shown.minute
        yesterday = shown.date() - timedelta(days=1)
        return any(a <= minute < b for a, b in self._hours(shown.date())) or any(
            a <= minute + 1440 < b for a, b in self._hours(yesterday)
        )

    def _hours(self, day: date) -> list[tuple[int, int]]:
        found = self._calendar.overrides.get(day)
        if found is None:
            closed = day in self._calendar.holidays
            found = () if closed else self._calendar.weekly[day.weekday()]
        return [(a, b if b > a else b + 1440) for a, b in found if a != b]
