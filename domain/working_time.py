"""Working time: pure arithmetic on opening hours.

R1  An opening window is half open, [start, end): the closing instant is closed.
R2  A window whose end is smaller than its start crosses midnight and belongs to the date on which
    it starts; start == end contributes nothing.
R3  A date override goes before a holiday, a holiday before the weekly hours.
R4  Time is counted in elapsed (UTC) time. Where the wall clock is skipped, a window edge in the gap
    acts at the transition. Where it is repeated, the first pass owns the label; the second pass
    counts as just before the end of the repeated hour: its last minute.
R5  Due is the earliest instant at which the counted time equals the target.

Instants go in aware and come out in UTC; a naive one raises ValueError. Windows of one date may
overlap or adjoin: time is counted once. R6-R8 (pauses, order, breaches) are the timers'.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.event import Frozen
from domain.refusal import Refused

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
GIVES_UP_AFTER = 420  # days without a single open one
Minutes = tuple[int, int]
Interval = tuple[datetime, datetime]


class CalendarNeverOpens(Refused):
    """No opening hours were found within 420 days. Parameters: calendar, since."""


class Mode(StrEnum):
    """When on the Nth working day something is due."""

    END_OF_DAY = "end_of_day"
    SAME_TIME = "same_time"


class AfterHours(StrEnum):
    """Which day a trigger after closing counts as having happened on."""

    NEXT_WORKING_DAY = "next_working_day"
    SAME_DAY = "same_day"


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
            edges = [(_edge(self, day, s), _edge(self, day, e)) for s, e in self.hours(day)]
            known = tuple(_merged(sorted(edges)))
            self._days[day] = known
        return known


def is_open(calendar: Calendar, at: datetime) -> bool:
    return _owner(calendar, _utc(at)) is not None


def is_working_day(calendar: Calendar, day: date) -> bool:
    """Whether any window starts on this local date."""
    return bool(calendar.hours(day))


def windows_between(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Interval]:
    """Open intervals within [start, end), in UTC, in order, none touching the next."""
    start, end = _utc(start), _utc(end)
    yield from _merged(
        (max(opened, start), min(closed, end))
        for opened, closed in _open_from(calendar, start, end)
    )


def elapsed(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """The open time in [start, end)."""
    total = timedelta()
    if _utc(end) > _utc(start):
        for opened, closed in windows_between(calendar, start, end):
            total += closed - opened
    return total


def due(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """The earliest instant at which `amount` of open time has passed since `start` (R5).

    Raises CalendarNeverOpens.
    """
    start = _utc(start)
    left = amount
    if left <= timedelta():
        return start
    for opened, closed in _open_from(calendar, start):
        opened = max(opened, start)
        if closed - opened >= left:
            return opened + left
        left -= closed - opened
    raise AssertionError


def next_open(calendar: Calendar, at: datetime) -> datetime:
    """`at` if it is open then, else the next opening. Raises CalendarNeverOpens."""
    at = _utc(at)
    opened, _ = next(_open_from(calendar, at))
    return max(opened, at)


def after_next_opening(calendar: Calendar, at: datetime, amount: timedelta) -> datetime:
    """`amount` of open time after the next opening, as CB-10.1b counts."""
    return due(calendar, next_open(calendar, at), amount)


def inside_day_span(calendar: Calendar, at: datetime) -> bool:
    """Between the first opening and the last closing of a working day: a lunch gap is inside."""
    at = _utc(at)
    label = _label(calendar, at)
    for day in (label.date(), label.date() - DAY):
        span = _span(calendar, day)
        if span is not None and span[0] <= at < span[1]:
            return True
    return False


def working_days_due(
    calendar: Calendar,
    start: datetime,
    days: int,
    mode: Mode = Mode.END_OF_DAY,
    after_hours: AfterHours = AfterHours.NEXT_WORKING_DAY,
) -> datetime:
    """When `days` working days after the day of the trigger are over.

    A trigger after closing, or on a closed day, counts as the next working day unless `after_hours`
    says the same day. `same_time` is the wall clock of the trigger, clamped to that day's hours.
    Raises CalendarNeverOpens, also where the target day's own hours were over before `start`.
    """
    start = _utc(start)
    day = _day_before_close(calendar, start)
    if day is None:
        day = _label(calendar, start).date()
        if after_hours is AfterHours.NEXT_WORKING_DAY or not is_working_day(calendar, day):
            day = _nth_working_day(calendar, day, 1)
    target = _nth_working_day(calendar, day, days)
    owned = _owned(calendar, target)
    if not owned or owned[-1][1] <= start:
        raise CalendarNeverOpens(calendar=calendar.name, since=start.isoformat())
    if mode is Mode.SAME_TIME:
        wanted = _at_wall_clock(calendar, datetime.combine(target, _label(calendar, start).time()))
        for opened, closed in owned:
            if closed > max(wanted, start):
                return max(opened, wanted, start)
    return owned[-1][1]


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone: {at}")
    return at.astimezone(UTC)


def _edge(calendar: Calendar, day: date, minute: int) -> datetime:
    return _at_wall_clock(calendar, datetime.combine(day, time()) + minute * MINUTE)


def _at_wall_clock(calendar: Calendar, wall: datetime) -> datetime:
    """The instant of a wall clock: its first pass if repeated, the transition if skipped."""
    first = wall.replace(tzinfo=calendar.tz, fold=0)
    early, late = sorted((first.astimezone(UTC), first.replace(fold=1).astimezone(UTC)))
    if early.astimezone(calendar.tz).replace(tzinfo=None) == wall:
        return early
    if late.astimezone(calendar.tz).replace(tzinfo=None) == wall:
        return late
    return _transition(calendar, early, late)


def _transition(calendar: Calendar, early: datetime, late: datetime) -> datetime:
    """The second, in (early, late], from which the offset of `late` is in force."""
    after = late.astimezone(calendar.tz).utcoffset()
    while late - early > SECOND:
        middle = early + (late - early) // 2
        middle = middle.replace(microsecond=0)
        if middle <= early:
            break
        if middle.astimezone(calendar.tz).utcoffset() == after:
            late = middle
        else:
            early = middle
    return late


def _label(calendar: Calendar, at: datetime) -> datetime:
    """The wall clock that decides what an instant counts as (R4), without a zone."""
    local = at.astimezone(calendar.tz)
    if local.fold == 0:
        return local.replace(tzinfo=None)
    first = local.replace(fold=0).utcoffset()
    second = local.utcoffset()
    assert first is not None
    assert second is not None
    began = _transition(calendar, at - (first - second), at)
    ended = (began + (first - second)).astimezone(calendar.tz)
    return ended.replace(tzinfo=None) - MINUTE


def _owner(calendar: Calendar, at: datetime) -> date | None:
    """The date whose window is open at an instant; where two are, the later."""
    label = _label(calendar, at)
    for day in (label.date(), label.date() - DAY):
        if any(opened <= at < closed for opened, closed in calendar.windows(day)):
            return day
    return None


def _day_before_close(calendar: Calendar, at: datetime) -> date | None:
    """The working day of an instant whose last closing is still ahead, else None."""
    owner = _owner(calendar, at)
    if owner is not None:
        return owner
    day = _label(calendar, at).date()
    span = _span(calendar, day)
    return day if span is not None and at < span[1] else None


def _span(calendar: Calendar, day: date) -> Interval | None:
    """From the first opening to the last closing; a window wholly in a skipped hour is one too."""
    hours = calendar.hours(day)
    if not hours:
        return None
    first, last = min(start for start, _ in hours), max(end for _, end in hours)
    return _edge(calendar, day, first), _edge(calendar, day, last)


def _nth_working_day(calendar: Calendar, day: date, count: int) -> date:
    since = day
    closed = 0
    while count > 0:
        day += DAY
        closed += 1
        if is_working_day(calendar, day):
            count -= 1
            closed = 0
        if closed > GIVES_UP_AFTER:
            raise CalendarNeverOpens(calendar=calendar.name, since=since.isoformat())
    return day


def _owned(calendar: Calendar, day: date) -> list[Interval]:
    """What belongs to a date: its windows, less what the next date's windows take over."""
    midnight = _edge(calendar, day, 1440)
    following = [w for w in calendar.windows(day + DAY) if w[0] < w[1]]
    owned: list[Interval] = []
    for opened, closed in calendar.windows(day):
        pieces = [(opened, min(closed, midnight))] if opened < midnight else []
        rest = max(opened, midnight)
        for taken, given in following:
            if rest < closed and taken < closed:
                pieces.append((rest, min(taken, closed)))
                rest = max(rest, given)
        if rest < closed:
            pieces.append((rest, closed))
        owned += [(a, b) for a, b in pieces if a < b]
    return owned


def _open_from(
    calendar: Calendar, start: datetime, until: datetime | None = None
) -> Iterator[Interval]:
    """Open intervals that end after `start`, in order; none overlaps another, but one may adjoin
    the next. Without `until` there is no end, or CalendarNeverOpens is raised."""
    day = _label(calendar, start).date() - DAY
    covered = datetime.min.replace(tzinfo=UTC)
    closed_days = 0
    while until is not None or closed_days <= GIVES_UP_AFTER:
        if until is not None and _edge(calendar, day, 0) >= until:
            return
        windows = calendar.windows(day)
        for window in windows:
            opened, closed = max(window[0], covered), window[1]
            if opened < closed and closed > start:
                yield opened, closed
            covered = max(covered, closed)
        closed_days = 0 if windows else closed_days + 1
        day += DAY
    raise CalendarNeverOpens(calendar=calendar.name, since=start.isoformat())


def _merged(intervals: Iterable[Interval]) -> Iterator[Interval]:
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
