"""Working time: pure arithmetic on opening hours.

R1  An opening window is half open, [start, end): the closing instant is closed.
R2  A window whose end is smaller than its start crosses midnight and belongs to the date on which
    it starts; start == end contributes nothing.
R3  A date override goes before a holiday, a holiday before the weekly hours.
R4  Time is counted in elapsed (UTC) time. Where the wall clock is skipped, a window edge in the gap
    acts at the transition. Where it is repeated, the first pass owns the label; the second pass
    counts as just before the end of the repeated hour: its last minute.
R5  Due is the earliest instant at which the counted time equals the target.

Instants go in aware and come out in UTC; a naive one raises ValueError, one at the ends of time
CalendarNeverOpens. Windows of one date may overlap or adjoin: time is counted once. R6-R8 (pauses,
order, breaches) are the timers'.

Due times are looked up in an index of windows by local year (`open_year.py`), built when a year is
first asked about: no loop over minutes or days.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.open_year import DAY, Interval, OpenYear
from domain.opening_hours import Calendar, CalendarNeverOpens, edge, merged
from domain.wall_clock import at_wall_clock, in_utc, wall_clock

GIVES_UP_AFTER = 420  # days without a single open one


class Mode(StrEnum):
    """When on the Nth working day something is due."""

    END_OF_DAY = "end_of_day"
    SAME_TIME = "same_time"
    SAME_CLOCK = "same_clock"


class AfterHours(StrEnum):
    """Which day a trigger after closing counts as having happened on."""

    NEXT_WORKING_DAY = "next_working_day"
    SAME_DAY = "same_day"


def is_open(calendar: Calendar, at: datetime) -> bool:
    return _owner(calendar, _instant(calendar, at)) is not None


def is_working_day(calendar: Calendar, day: date) -> bool:
    """Whether any window starts on this local date."""
    return bool(calendar.hours(day))


def windows_between(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Interval]:
    """Open intervals within [start, end), in UTC, in order, none touching the next."""
    start, end = _instant(calendar, start), _instant(calendar, end)
    yield from merged(
        interval
        for year in _years_between(calendar, start, end)
        for interval in year.within(start, end)
    )


def elapsed(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """The open time in [start, end)."""
    start, end = _instant(calendar, start), _instant(calendar, end)
    years = _years_between(calendar, start, end)
    return sum((year.open_by(end) - year.open_by(start) for year in years), timedelta())


def due(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """The earliest instant at which `amount` of open time has passed since `start` (R5).

    Raises CalendarNeverOpens.
    """
    start = _instant(calendar, start)
    left = amount
    if left <= timedelta():
        return start
    for year in _years_from(calendar, start):
        wanted = year.open_by(start) + left
        if wanted <= year.total:
            return year.reached(wanted)
        left = wanted - year.total
    raise AssertionError


def next_open(calendar: Calendar, at: datetime) -> datetime:
    """`at` if it is open then, else the next opening. Raises CalendarNeverOpens."""
    at = _instant(calendar, at)
    return next(
        opening for year in _years_from(calendar, at) if (opening := year.next_open(at)) is not None
    )


def rests_on_provisional(calendar: Calendar, start: datetime, due: datetime) -> bool:
    """Whether days off that may still be announced, or were never looked up, could move `due`.

    Those of every local year from that of `start` to that of the last moment before `due`.
    """
    start, due = _instant(calendar, start), _instant(calendar, due)
    first = wall_clock(calendar.tz, start).date()
    moment = max(start, due - datetime.resolution)
    last = _owner(calendar, moment) or wall_clock(calendar.tz, moment).date()
    return any(calendar.is_provisional(year) for year in range(first.year, last.year + 1))


def after_next_opening(calendar: Calendar, at: datetime, amount: timedelta) -> datetime:
    """`amount` of open time after the next opening, as CB-10.1b counts."""
    return due(calendar, next_open(calendar, at), amount)


def inside_day_span(calendar: Calendar, at: datetime) -> bool:
    """Between the first opening and the last closing of a working day: a lunch gap is inside."""
    at = _instant(calendar, at)
    label = wall_clock(calendar.tz, at)
    for day in (label.date(), label.date() - DAY):
        span = calendar.span(day)
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
    says the same day. `same_time` is the wall clock of the trigger, clamped to that day's hours;
    `same_clock` is not clamped, but what comes after closing counts from the next opening.
    Raises CalendarNeverOpens, also where the target day's own hours were over before `start`.
    """
    start = _instant(calendar, start)
    if mode is Mode.SAME_CLOCK:
        return _same_clock_due(calendar, start, days)
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


def _same_clock_due(calendar: Calendar, start: datetime, days: int) -> datetime:
    """What comes on a closed day comes at that time of the next working day."""
    label = wall_clock(calendar.tz, start)
    day, clock = label.date(), label.time()
    if not is_working_day(calendar, day):
        day = _nth_working_day(calendar, day, 1)
    span = calendar.span(day)
    if span is None or at_wall_clock(calendar.tz, datetime.combine(day, clock)) >= span[1]:
        day = _nth_working_day(calendar, day, 1)
        opens = calendar.span(day)
        clock = wall_clock(calendar.tz, opens[0]).time() if opens else clock
    target = _nth_working_day(calendar, day, days)
    return at_wall_clock(calendar.tz, datetime.combine(target, clock))


def _instant(calendar: Calendar, at: datetime) -> datetime:
    """CalendarNeverOpens for the ends of time, where a day has edges that no date can name."""
    if date.min.year + 1 < at.year < date.max.year - 1:
        return in_utc(at)
    raise CalendarNeverOpens(calendar=calendar.name, since=at.isoformat())


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
    span = calendar.span(day)
    return day if span is not None and at < span[1] else None


def _nth_working_day(calendar: Calendar, day: date, count: int) -> date:
    number, last = day.year, day.toordinal()
    while count > 0:
        year = calendar.year(number)
        index = bisect_right(year.working, last)
        ahead = len(year.working) - index
        closed = year.working[index] - last - 1 if ahead else year.last - last
        if closed > GIVES_UP_AFTER:
            raise CalendarNeverOpens(calendar=calendar.name, since=day.isoformat())
        if ahead >= count:
            return date.fromordinal(year.working[index + count - 1])
        if ahead:
            last = year.working[-1]
        count -= ahead
        number += 1
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


def _years_from(calendar: Calendar, start: datetime) -> Iterator[OpenYear]:
    """The year of an instant and those after it, without end, or CalendarNeverOpens is raised."""
    day = wall_clock(calendar.tz, start).date()
    # A window of the day before may still be open.
    number, last = day.year, day.toordinal() - 2
    year = calendar.year(number)
    while True:
        yield year
        last = max(last, *year.opening[-1:], 0)
        number += 1
        year = calendar.year(number)
        closed = year.opening[0] - last - 1 if year.opening else year.last - last
        if closed > GIVES_UP_AFTER:
            raise CalendarNeverOpens(calendar=calendar.name, since=start.isoformat())


def _years_between(calendar: Calendar, start: datetime, end: datetime) -> Iterator[OpenYear]:
    if start < end:
        first, last = (wall_clock(calendar.tz, at).year for at in (start, end))
        for number in range(first, last + 1):
            yield calendar.year(number)
