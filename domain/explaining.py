"""Why a promise is due when it is: the stretches of time between its start and its due time, each
counted or not, and why not. Data; sentences are made of them where people read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from domain.event import Frozen
from domain.open_year import DAY
from domain.opening_hours import Calendar
from domain.policy.target import CalendarDays, CalendarMonths, Minutes, WorkingDays
from domain.running_timer import Calendars, Span, Timer
from domain.working_time import is_working_day, windows_between


class Step(StrEnum):
    """What happened to the count in a stretch of time."""

    COUNTED = "counted"
    CLOSED = "closed"
    DAY_OFF = "day_off"
    PAUSED = "paused"
    WORKING_DAY = "working_day"
    CLOSED_DAY = "closed_day"


class Stretch(Frozen):
    """`counted` is what this stretch added, `so_far` what had been counted by its end. `names` are
    the days off in it. For promised days a stretch is a local day, `number` the how-manieth working
    day it is."""

    step: Step
    start: datetime
    end: datetime
    counted: timedelta = timedelta()
    so_far: timedelta = timedelta()
    names: tuple[str, ...] = ()
    number: int | None = None


class Explanation(Frozen):
    """`target` as the timer wrote it down. `due_at` None: it is paused."""

    calendar: str
    zone: str
    target: str
    started_at: datetime
    due_at: datetime | None
    allowed: timedelta | None
    stretches: tuple[Stretch, ...]


def explain(timer: Timer, calendars: Calendars, until: datetime) -> Explanation:
    """`until`: what is looked at of a promise that runs; its due time, if that is earlier."""
    calendar = calendars(timer.calendar)
    target, amount = timer.target, timer.amount
    if isinstance(target, WorkingDays):
        found = list(_days(timer, calendar))
    else:
        found = list(_counted(timer, calendars, until))
    return Explanation(
        calendar=timer.calendar,
        zone=calendar.zone,
        target=timer.written,
        started_at=timer.promise.started_at,
        due_at=timer.due_at,
        allowed=amount,
        stretches=tuple(found),
    )


def _counted(timer: Timer, calendars: Calendars, until: datetime) -> Iterator[Stretch]:
    limit = timer.deadline or max(until, timer.spans[-1].start)
    so_far, last_end = timedelta(), None
    for span in timer.spans:
        if last_end is not None and last_end < span.start:
            yield Stretch(step=Step.PAUSED, start=last_end, end=span.start, so_far=so_far)
        end = min(span.end or limit, limit)
        for stretch in _of_span(timer, calendars(span.calendar), span, end):
            so_far += stretch.counted
            yield Stretch(**{**vars(stretch), "so_far": so_far})
        last_end = span.end
    if last_end is not None and timer.paused and last_end < until:
        yield Stretch(step=Step.PAUSED, start=last_end, end=until, so_far=so_far)


def _of_span(timer: Timer, calendar: Calendar, span: Span, end: datetime) -> Iterator[Stretch]:
    if end <= span.start:
        return
    if isinstance(timer.target, Minutes | CalendarDays | CalendarMonths):
        yield Stretch(step=Step.COUNTED, start=span.start, end=end, counted=end - span.start)
        return
    at = span.start
    for opened, closed in windows_between(calendar, span.start, end):
        if at < opened:
            yield _closed(calendar, at, opened)
        yield Stretch(step=Step.COUNTED, start=opened, end=closed, counted=closed - opened)
        at = closed
    if at < end:
        yield _closed(calendar, at, end)


def _closed(calendar: Calendar, start: datetime, end: datetime) -> Stretch:
    first = start.astimezone(calendar.tz).date()
    last = (end - timedelta(microseconds=1)).astimezone(calendar.tz).date()
    names = _names(calendar, [first + n * DAY for n in range((last - first).days + 1)])
    step = Step.DAY_OFF if names else Step.CLOSED
    return Stretch(step=step, start=start, end=end, names=names)


def _names(calendar: Calendar, days: Sequence[date]) -> tuple[str, ...]:
    """Of the days off; a day with hours of its own is none."""
    return tuple(
        calendar.holidays[day]
        for day in days
        if day in calendar.holidays and not calendar.hours(day)
    )


def _days(timer: Timer, calendar: Calendar) -> Iterator[Stretch]:
    """Every local day from that of the start to that of the due time."""
    if timer.deadline is None:
        return
    first = timer.promise.started_at.astimezone(calendar.tz).date()
    last = (timer.deadline - timedelta(microseconds=1)).astimezone(calendar.tz).date()
    working = [
        day
        for n in range((last - first).days + 1)
        if is_working_day(calendar, day := first + n * DAY)
    ]
    target = timer.target
    assert isinstance(target, WorkingDays), "only promised working days are told day by day"
    counted = working[-target.days :] if len(working) >= target.days else working
    for n in range((last - first).days + 1):
        day = first + n * DAY
        yield Stretch(
            step=Step.WORKING_DAY if day in counted else Step.CLOSED_DAY,
            start=datetime.combine(day, datetime.min.time(), calendar.tz).astimezone(UTC),
            end=datetime.combine(day + DAY, datetime.min.time(), calendar.tz).astimezone(UTC),
            names=_names(calendar, [day]),
            number=counted.index(day) + 1 if day in counted else None,
        )
