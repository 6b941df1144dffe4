"""What a version of a calendar says, each day with its source; and the `Calendar` that counts it.

Windows are "HH:MM-HH:MM" by the wall clock; "24:00" is the end of the day, and a window that ends
before it begins runs over midnight and belongs to the day it begins on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from enum import StrEnum
from functools import cache
from hashlib import sha256
from itertools import pairwise
from zoneinfo import available_timezones

from domain.calendar import refusals
from domain.event import Frozen
from domain.opening_hours import Calendar, CalendarNeverOpens, Minutes

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = 7 * 1440
_NO_PLACES = frozenset({"localtime", "Factory", "posixrules"})


class OverrideKind(StrEnum):
    """Why a date has hours of its own."""

    CLOSED = "closed"
    SPECIAL_HOURS = "special_hours"
    MAKE_UP = "make_up"


class DayOff(Frozen):
    """`source` says who says so: a package and its version, a notice, a decision of the house."""

    day: date
    name: str
    source: str


class Override(Frozen):
    """The hours of one date, whatever the week or a day off say; none: closed."""

    day: date
    kind: OverrideKind
    hours: tuple[str, ...]
    name: str
    source: str


class CalendarContent(Frozen):
    """`weekly` has seven entries from Monday. `years` are those whose days off were looked up;
    none: there are none to look up. From `provisional_from` on they had not been announced."""

    says: str
    zone: str
    weekly: tuple[tuple[str, ...], ...]
    holidays: tuple[DayOff, ...] = ()
    overrides: tuple[Override, ...] = ()
    years: tuple[int, ...] = ()
    provisional_from: int | None = None

    @property
    def digest(self) -> str:
        """SHA-256 over the content as JSON with sorted keys, in hex."""
        text = json.dumps(asdict(self), sort_keys=True, default=date.isoformat)
        return sha256(text.encode()).hexdigest()

    @property
    def provisional(self) -> tuple[int, ...]:
        """The years looked up whose days off may still be announced."""
        first = self.provisional_from
        return () if first is None else tuple(year for year in self.years if year >= first)

    def check(self, calendar: str) -> None:
        """Raises the refusals of `domain/calendar/refusals.py`, and CalendarNeverOpens."""
        if self.zone not in _zones():
            raise refusals.CalendarZoneUnknown(zone=self.zone)
        _must_not_overlap(self)
        for dates in (self.holidays, self.overrides):
            _must_be_of_the_years([one.day for one in dates], self.years)
        known = {one.day.year for one in self.holidays}
        for year in self.years:
            if year not in known:
                raise refusals.CalendarYearWithoutData(calendar=calendar, year=year)
        counted = self.calendar(calendar, 0)
        days = [*counted.weekly, *counted.overrides.values()]
        if not any(start != end for windows in days for start, end in windows):
            raise CalendarNeverOpens(calendar=calendar, since=None)

    def calendar(self, id: str, version: int) -> Calendar:
        """The content as something to count by. Raises CalendarTimeWrong."""
        return Calendar(
            id=id,
            version=version,
            zone=self.zone,
            weekly=tuple(windows(hours) for hours in self.weekly),
            holidays={one.day: one.name for one in self.holidays},
            overrides={one.day: windows(one.hours) for one in self.overrides},
            years=frozenset(self.years),
            provisional_from=self.provisional_from,
        )


def windows(hours: Sequence[str]) -> tuple[Minutes, ...]:
    """Windows in minutes of the day. Raises CalendarTimeWrong."""
    return tuple(_window(text) for text in hours)


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _window(text: str) -> Minutes:
    opens, dash, closes = text.partition("-")
    start, end = _minute(opens), _minute(closes)
    if not dash or start is None or end is None:
        raise refusals.CalendarTimeWrong(window=text[:40])
    return start, end


def _minute(text: str) -> int | None:
    hour, _, minute = text.partition(":")
    if not (text.isascii() and len(hour) == len(minute) == 2 and (hour + minute).isdecimal()):
        return None
    at = int(hour) * 60 + int(minute)
    return at if int(minute) < 60 and at <= 1440 else None


def _must_not_overlap(content: CalendarContent) -> None:
    """In one week, which begins again behind its Sunday; and in the hours of each override."""
    week: list[tuple[int, int, str, str]] = []
    for number, (name, hours) in enumerate(zip(DAYS, content.weekly, strict=True)):
        week += [(number * 1440 + s, number * 1440 + e, name, t) for s, e, t in _spans(hours)]
    week.sort()
    _apart(week + [(s + WEEK, e + WEEK, name, text) for s, e, name, text in week[:1]])
    for one in content.overrides:
        _apart(sorted((s, e, one.day.isoformat(), text) for s, e, text in _spans(one.hours)))


def _spans(hours: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    for (start, end), text in zip(windows(hours), hours, strict=True):
        if start != end:
            yield start, end if end > start else end + 1440, text


def _apart(spans: Sequence[tuple[int, int, str, str]]) -> None:
    for (_, end, _, window), (start, _, day, other) in pairwise(spans):
        if start < end:
            raise refusals.CalendarWindowsOverlap(day=day, window=window, other=other)


def _must_be_of_the_years(days: Sequence[date], years: Sequence[int]) -> None:
    seen: set[date] = set()
    for day in days:
        if day in seen:
            raise refusals.CalendarDayTwice(day=day.isoformat())
        if years and day.year not in years:
            raise refusals.CalendarDayOutsideYears(day=day.isoformat())
        seen.add(day)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) - _NO_PLACES


def by_day(content: CalendarContent) -> Mapping[date, DayOff | Override]:
    """Every date that is not as the week says, in order; an override goes before a day off."""
    days: dict[date, DayOff | Override] = {one.day: one for one in content.holidays}
    days.update({one.day: one for one in content.overrides})
    return dict(sorted(days.items()))
