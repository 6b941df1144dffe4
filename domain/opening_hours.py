"""The opening hours of a service: a versioned calendar, and its windows as intervals in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from domain.event import Frozen
from domain.refusal import Refused
from domain.wall_clock import MINUTE, at_wall_clock

Minutes = tuple[int, int]
Interval = tuple[datetime, datetime]


class CalendarNeverOpens(Refused):
    """No opening hours were found within 420 days. Parameters: calendar, since."""


class Calendar(Frozen):
    """Opening hours of a service in one market, in minutes of the local day (0..1440).

    `weekly` has seven entries from Monday. `provisional_from` is the first year whose holidays
    were not announced when the calendar was frozen. A published version never changes.
    """

    id: str
    version: int
    zone: str
    weekly: Sequence[Sequence[Minutes]]
    holidays: Mapping[date, str] = field(default_factory=dict)
    overrides: Mapping[date, Sequence[Minutes]] = field(default_factory=dict)
    provisional_from: int | None = None
    _days: dict[date, tuple[Interval, ...]] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )

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
