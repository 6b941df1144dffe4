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

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from domain.opening_hours import Calendar, CalendarNeverOpens, Interval, edge, merged
from domain.wall_clock import at_wall_clock, in_utc, wall_clock

DAY = timedelta(days=1)
GIVES_UP_AFTER = 420  # days without a single open one


class Mode(StrEnum):
    """When on the Nth working day something is due."""

    END_OF_DAY = "end_of_day"
    SAME_TIME = "same_time"


class AfterHours(StrEnum):
    """Which day a trigger after closing counts as having happened on."""

    NEXT_WORKING_DAY = "next_working_day"
    SAME_DAY = "same_day"


def is_open(calendar: Calendar, at: datetime) -> bool:
    return _owner(calendar, in_utc(at)) is not None


def is_working_day(calendar: Calendar, day: date) -> bool:
    """Whether any window starts on this local date."""
    return bool(calendar.hours(day))


def windows_between(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Interval]:
    """Open intervals within [start, end), in UTC, in order, none touching the next."""
    start, end = in_utc(start), in_utc(end)
    yield from merged(
        (max(opened, start), min(closed, end))
        for opened, closed in _open_from(calendar, start, end)
    )


def elapsed(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """The open time in [start, end)."""
    total = timedelta()
    if in_utc(end) > in_utc(start):
        for opened, closed in windows_between(calendar, start, end):
            total += closed - opened
    return total


def due(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """The earliest instant at which `amount` of open time has passed since `start` (R5).

    Raises CalendarNeverOpens.
    """
    start = in_utc(start)
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
    at = in_utc(at)
    opened, _ = next(_open_from(calendar, at))
    return max(opened, at)


def after_next_opening(calendar: Calendar, at: datetime, amount: timedelta) -> datetime:
    """`amount` of open time after the next opening, as CB-10.1b counts."""
    return due(calendar, next_open(calendar, at), amount)


def inside_day_span(calendar: Calendar, at: datetime) -> bool:
    """Between the first opening and the last closing of a working day: a lunch gap is inside."""
    at = in_utc(at)
    label = wall_clock(calendar.tz, at)
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
    start = in_utc(start)
    day = _day_before_close(calendar, start)
    if day is None:
        day = wall_clock(calendar.tz, start).date()
        if after_hours is AfterHours.NEXT_WORKING_DAY or not is_working_day(calendar, day):
            day = _nth_working_day(calendar, day, 1)
    target = _nth_working_day(calendar, day, days)
    owned = _owned(calendar, target)
    if not owned or owned[-1][1] <= start:
        raise CalendarNeverOpens(calendar=calendar.name, since=start.isoformat())
    if mode is Mode.SAME_TIME:
        wanted = at_wall_clock(
            calendar.tz, datetime.combine(target, wall_clock(calendar.tz, start).time())
        )
        for opened, closed in owned:
            if closed > max(wanted, start):
                return max(opened, wanted, start)
    return owned[-1][1]


def _owner(calendar: Calendar, at: datetime) -> date | None:
    """The date whose window is open at an instant; where two are, the later."""
    label = wall_clock(calendar.tz, at)
    for day in (label.date(), label.date() - DAY):
        if any(opened <= at < closed for opened, closed in calendar.windows(day)):
            return day
    return None


def _day_before_close(calendar: Calendar, at: datetime) -> date | None:
    """The working day of an instant whose last closing is still ahead, else None."""
    owner = _owner(calendar, at)
    if owner is not None:
        return owner
    day = wall_clock(calendar.tz, at).date()
    span = _span(calendar, day)
    return day if span is not None and at < span[1] else None


def _span(calendar: Calendar, day: date) -> Interval | None:
    """From the first opening to the last closing; a window wholly in a skipped hour is one too."""
    hours = calendar.hours(day)
    if not hours:
        return None
    first, last = min(start for start, _ in hours), max(end for _, end in hours)
    return edge(calendar, day, first), edge(calendar, day, last)


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
    midnight = edge(calendar, day, 1440)
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
    day = wall_clock(calendar.tz, start).date() - DAY
    covered = datetime.min.replace(tzinfo=UTC)
    closed_days = 0
    while until is not None or closed_days <= GIVES_UP_AFTER:
        if until is not None and edge(calendar, day, 0) >= until:
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
