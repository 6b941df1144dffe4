"""Why a promise is due when it is: the stretches of time between its start and its due time, each
counted or not, and why not. Data; sentences are made of them where people read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.event import Event, Frozen, Precision
from domain.open_year import DAY
from domain.opening_hours import Calendar, edge
from domain.policy.target import (
    AsAgreed,
    CalendarDays,
    CalendarMonths,
    Minutes,
    WorkingDays,
    is_provisional,
)
from domain.running_timer import Calendars, Span, Timer
from domain.working_time import (
    Mode,
    is_working_day,
    windows_between,
)


class Step(StrEnum):
    """What happened to the count in a stretch of time."""

    COUNTED = "counted"
    CLOSED = "closed"
    DAY_OFF = "day_off"
    FORGOTTEN = "forgotten"
    PAUSED = "paused"
    WORKING_DAY = "working_day"
    UNCOUNTED_DAY = "uncounted_day"
    CLOSED_DAY = "closed_day"


class Stretch(Frozen):
    """Times are instants in UTC. `counted` is what this stretch added, `so_far` what had been
    counted by its end. `names` are the days off in it. For promised days a stretch is a local day
    of the calendar, `number` the how-manieth working day it is."""

    step: Step
    start: datetime
    end: datetime
    counted: timedelta = timedelta()
    so_far: timedelta = timedelta()
    names: tuple[str, ...] = ()
    number: int | None = None


class Explanation(Frozen):
    """`target` as the timer wrote it down. `due_at` None: it is paused. `moved`: the due time does
    not follow from the count; it was agreed, or something had changed too late for it.
    `provisional`: it rests on days off that may still be announced."""

    calendar: str
    zone: str
    target: str
    started_at: datetime
    due_at: datetime | None
    allowed: timedelta | None
    moved: bool
    provisional: bool
    stretches: tuple[Stretch, ...]


def explain(timer: Timer, calendars: Calendars, until: datetime) -> Explanation:
    """From the start to the due time, or to the end if it ended earlier. `until`: up to when a
    promise is looked at that is paused and has no due time. Raises as `calendars` does for a
    calendar that is not known."""
    calendar = calendars(timer.calendar)
    if isinstance(timer.target, WorkingDays):
        found = list(_days(timer, calendar))
    else:
        found = list(_counted(timer, calendars, until))
    return Explanation(
        calendar=timer.calendar,
        zone=calendar.zone,
        target=timer.written,
        started_at=timer.promise.started_at,
        due_at=timer.due_at,
        allowed=timer.amount,
        moved=_is_moved(timer, calendars),
        provisional=timer.deadline is not None
        and is_provisional(timer.target, calendar, timer.promise.started_at, timer.deadline),
        stretches=tuple(found),
    )


def _counted(timer: Timer, calendars: Calendars, until: datetime) -> Iterator[Stretch]:
    """One after the other without a gap: what lies between two spans is a pause."""
    stop, at, so_far = _stop(timer, until), timer.promise.started_at, timedelta()
    for number, span in enumerate(timer.spans):
        if at < (begun := min(span.start, stop)):
            step = Step.PAUSED if number else Step.FORGOTTEN
            yield Stretch(step=step, start=at, end=begun, so_far=so_far)
        at = max(at, begun)
        end = stop if span.end is None else min(span.end, stop)
        for stretch in _of_span(timer, calendars(span.calendar), span, end):
            so_far += stretch.counted
            at = stretch.end
            yield replace(stretch, so_far=so_far)
    if at < stop:
        yield Stretch(step=Step.PAUSED, start=at, end=stop, so_far=so_far)


def _stop(timer: Timer, until: datetime) -> datetime:
    known = [at for at in (timer.deadline, timer.ended_at) if at is not None]
    return min(known) if known else max(until, timer.spans[-1].end or timer.spans[-1].start)


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
    """Every local day from that of the start to that of the due time. The days that the target
    counts are the last ones; where the due time was set otherwise, all after the first."""
    if timer.deadline is None:
        return
    target = timer.target
    assert isinstance(target, WorkingDays), "only promised working days are told day by day"
    first = timer.promise.started_at.astimezone(calendar.tz).date()
    # What is due at the end of a day may be due at the midnight after it.
    until_end = target.mode is Mode.END_OF_DAY
    due = timer.deadline - timedelta(microseconds=1) if until_end else timer.deadline
    last = due.astimezone(calendar.tz).date()
    days = [first + n * DAY for n in range((last - first).days + 1)]
    working = [day for day in days if _worked(calendar, target, day, due)]
    moved = _is_moved(timer, lambda _: calendar)
    counted = [day for day in working if day > first] if moved else working[-target.days :]
    for day in days:
        closed = Step.UNCOUNTED_DAY if is_working_day(calendar, day) else Step.CLOSED_DAY
        yield Stretch(
            step=Step.WORKING_DAY if day in counted else closed,
            start=edge(calendar, day, 0),
            end=edge(calendar, day, 1440),
            names=_names(calendar, [day]),
            number=counted.index(day) + 1 if day in counted else None,
        )


def _worked(calendar: Calendar, target: WorkingDays, day: date, due: datetime) -> bool:
    """A day that opens only after the due time is none of those counted: what is due at six in the
    morning may be due at the end of the night of the day before."""
    if not is_working_day(calendar, day):
        return False
    windows = calendar.windows(day)
    return target.mode is Mode.SAME_CLOCK or not windows or windows[0][0] <= due


def _is_moved(timer: Timer, calendars: Calendars) -> bool:
    if timer.deadline is None:
        return False
    amount = timer.amount
    if amount is not None:
        last = timer.spans[-1]
        if timer.ended and last.end == timer.ended_at:
            # What ended it is no part of why it was due.
            timer = replace(timer, spans=(*timer.spans[:-1], replace(last, end=None)))
        return timer.reached(calendars, amount) != timer.deadline
    target, begun = timer.target, timer.promise.started_at
    if isinstance(target, AsAgreed):
        return False
    calendar = calendars(timer.calendar)
    by_the_day = Event(at=begun, at_precision=Precision.DAY)
    return timer.deadline not in (
        target.due(calendar, Event(at=begun)),
        target.due(calendar, by_the_day),
    )
