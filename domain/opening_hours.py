"""The opening hours of a service: a versioned calendar, and its windows as intervals in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date, datetime, time
from itertools import chain
from zoneinfo import ZoneInfo

from domain.event import Frozen
from domain.open_year import DAY, Interval, OpenYear
from domain.refusal import Refused
from domain.wall_clock import MINUTE, at_wall_clock

Minutes = tuple[int, int]


class CalendarNeverOpens(Refused):
    """No opening hours were found within 420 days. Parameters: calendar, since."""


class Calendar(Frozen):
    """Opening hours of a service in one market, in minutes of the local day (0..1440).

    `weekly` has seven entries from Monday. `years` are those whose days off were looked up; none
    where there are no days off to look up. `provisional_from` is the first year whose days off
    were not announced when the calendar was frozen. A published version never changes.
    """

    id: str
    version: int
    zone: str
    weekly: Sequence[Sequence[Minutes]]
    holidays: Mapping[date, str] = field(default_factory=dict)
    overrides: Mapping[date, Sequence[Minutes]] = field(default_factory=dict)
    years: frozenset[int] = frozenset()
    provisional_from: int | None = None
    _days: dict[date, tuple[Interval, ...]] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )
    _spans: dict[date, Interval | None] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )
    _years: dict[int, OpenYear] = field(init=False, default_factory=dict, compare=False, repr=False)

    @property
    def name(self) -> str:
        """What a timer stores: id and version."""
        return f"{self.id}@{self.version}"

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def hours(self, day: date) -> Sequence[Minutes]:
        """The windows that start on a date, as minutes; an end of 1440 or more is a later day."""
        if day in self.overrides:
            windows = self.overrides[day]
        elif day in self.holidays:
            windows = ()
        else:
            windows = self.weekly[day.weekday()]
        return [(s, e if e > s else e + 1440) for s, e in windows if s != e]

    def windows(self, day: date) -> tuple[Interval, ...]:
        """The windows that start on a date as UTC intervals, merged and in order."""
        known = self._days.get(day)
        if known is None:
            edges = [(edge(self, day, s), edge(self, day, e)) for s, e in self.hours(day)]
            known = tuple(merged(sorted(edges)))
            self._days[day] = known
        return known

    def span(self, day: date) -> Interval | None:
        """From the first opening to the last closing of a date; None if it has no hours. A window
        wholly in an hour that the clock skips is one too."""
        if day not in self._spans:
            hours = self.hours(day)
            self._spans[day] = (
                (
                    edge(self, day, min(s for s, _ in hours)),
                    edge(self, day, max(e for _, e in hours)),
                )
                if hours
                else None
            )
        return self._spans[day]

    def year(self, year: int) -> OpenYear:
        """What is open in a local year, worked out once. CalendarNeverOpens for the last years
        that a date can name, 1 and 9999, whose edges it cannot."""
        known = self._years.get(year)
        if known is None:
            if not date.min.year < year < date.max.year:
                raise CalendarNeverOpens(calendar=self.name, since=None)
            known = self._years[year] = _open_year(self, year)
        return known

    def is_provisional(self, year: int) -> bool:
        """Whether days off of a year may still be announced, or were never looked up."""
        if self.provisional_from is not None and year >= self.provisional_from:
            return True
        return bool(self.years) and year not in self.years


def edge(calendar: Calendar, day: date, minute: int) -> datetime:
    """The instant of a minute of a local day; 1440 and more are minutes of a later one."""
    return at_wall_clock(calendar.tz, datetime.combine(day, time()) + minute * MINUTE)


def merged(intervals: Iterable[Interval]) -> Iterator[Interval]:
    """Intervals in order, none touching the next; empty ones left out."""
    pending: Interval | None = None
    for opened, closed in intervals:
        if opened >= closed:
            continue
        if pending is not None and opened <= pending[1]:
            pending = (pending[0], max(pending[1], closed))
        else:
            if pending is not None:
                yield pending
            pending = (opened, closed)
    if pending is not None:
        yield pending


def _open_year(calendar: Calendar, year: int) -> OpenYear:
    """A window that runs over midnight at the turn of the year is cut there."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    begins, ends = edge(calendar, first, 0), edge(calendar, last, 1440)
    days = [first + n * DAY for n in range((last - first).days + 1)]
    starting = [(day, calendar.windows(day)) for day in days]
    intervals = chain(calendar.windows(first - DAY), *(windows for _, windows in starting))
    return OpenYear(
        merged(sorted((max(o, begins), min(c, ends)) for o, c in intervals)),
        opening=[day.toordinal() for day, windows in starting if windows],
        working=[day.toordinal() for day in days if calendar.hours(day)],
        last=last.toordinal(),
    )
