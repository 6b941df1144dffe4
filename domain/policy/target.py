"""How long a promise has: what a rule's target means, and how it is written.

A counted target is an amount of time on a clock, working or elapsed, and can be paused. A fixed one
names a day or a time of day and stands. Working time is that of the calendar a timer counts by.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from domain.event import Event, Frozen, Precision
from domain.opening_hours import Calendar
from domain.working_time import (
    AfterHours,
    Mode,
    due,
    elapsed,
    is_working_day,
    next_open,
    rests_on_provisional,
    working_days_due,
)


class WorkingMinutes(Frozen):
    """Minutes of opening hours. `from_opening` says what the clause says: outside working hours it
    counts from the next opening, which is what counting opening hours from the trigger comes to."""

    minutes: int
    from_opening: bool = False

    def __str__(self) -> str:
        """An ISO 8601 duration and the clock it runs on, as timers store it."""
        return f"PT{self.minutes}M working" + (" from opening" if self.from_opening else "")

    @property
    def amount(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    def due(self, calendar: Calendar, trigger: Event) -> datetime:
        return due(calendar, trigger.at, self.amount)


class Minutes(Frozen):
    """Minutes as they pass, by day and by night."""

    minutes: int

    def __str__(self) -> str:
        return f"PT{self.minutes}M"

    @property
    def amount(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    def due(self, calendar: Calendar, trigger: Event) -> datetime:
        return trigger.at.astimezone(UTC) + self.amount


class WorkingDays(Frozen):
    """Until the end of business, or the same time of day, on the last of the days after that of the
    trigger.

    `from_day`: after the calendar day of the trigger, worked or not. Otherwise what comes in on a
    closed day or after closing has come in on the next working day, or with `after_hours` the same
    day if that is worked. `from_opening`: what comes in out of hours comes in at the next opening.
    """

    days: int
    from_day: bool = False
    from_opening: bool = False
    mode: Mode = Mode.END_OF_DAY
    after_hours: AfterHours = AfterHours.NEXT_WORKING_DAY

    def __str__(self) -> str:
        modes = "" if self.mode is Mode.END_OF_DAY else f" {self.mode.replace('_', ' ')}"
        late = "" if self.after_hours is AfterHours.NEXT_WORKING_DAY else " same day"
        since = " from day" if self.from_day else " from opening" if self.from_opening else ""
        return f"P{self.days}D working" + modes + late + since

    def due(self, calendar: Calendar, trigger: Event) -> datetime:
        """A trigger of which only the day is known counts as that day of the calendar's zone."""
        at = trigger.at
        if trigger.at_precision is Precision.DAY:
            at = datetime.combine(at.date(), time(), calendar.tz)
        if self.from_opening:
            at = next_open(calendar, at)
        if not self.from_day:
            return working_days_due(calendar, at, self.days, self.mode, self.after_hours)
        worked = is_working_day(calendar, at.astimezone(calendar.tz).date())
        return working_days_due(
            calendar,
            at,
            self.days if worked else self.days - 1,
            self.mode,
            AfterHours.SAME_DAY,
        )


class CalendarDays(Frozen):
    """Every day counts, as where a law sets the limit. To the same wall-clock time of the zone."""

    days: int

    def __str__(self) -> str:
        return f"P{self.days}D"

    def due(self, calendar: Calendar, trigger: Event) -> datetime:
        return _from_local(_local(trigger, calendar) + timedelta(days=self.days), calendar)


class CalendarMonths(Frozen):
    """To the same day of a later month, or the last day of a shorter one."""

    months: int

    def __str__(self) -> str:
        return f"P{self.months}M"

    def due(self, calendar: Calendar, trigger: Event) -> datetime:
        local = _local(trigger, calendar)
        years, month = divmod(local.month - 1 + self.months, 12)
        year, month = local.year + years, month + 1
        day = min(local.day, monthrange(year, month)[1])
        return _from_local(local.replace(year=year, month=month, day=day), calendar)


class ByTimeOfDay(Frozen):
    """The first time the wall clock of the calendar's zone shows `by` from the trigger on."""

    by: time

    def __str__(self) -> str:
        return f"by {self.by:%H:%M}"

    def due(self, calendar: Calendar, trigger: Event) -> datetime:
        local = _local(trigger, calendar)
        day = local.date() + timedelta(days=local.time() > self.by)
        return _from_local(datetime.combine(day, self.by), calendar)


class AsAgreed(Frozen):
    """The trigger itself names the time: a commitment."""

    def __str__(self) -> str:
        return "as agreed"

    def due(self, calendar: Calendar, trigger: Event) -> datetime:
        """AttributeError for a trigger that names no time; publishing such a rule is refused."""
        agreed: datetime = trigger.agreed_due  # type: ignore[attr-defined]
        return agreed


Counted = WorkingMinutes | Minutes
Fixed = WorkingDays | CalendarDays | CalendarMonths | ByTimeOfDay | AsAgreed
Target = Counted | Fixed


def counts(target: Target, calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """The time in [start, end) on the target's clock; days are counted in opening hours."""
    if isinstance(target, Minutes | CalendarDays | CalendarMonths):
        return max(end - start, timedelta())
    return elapsed(calendar, start, end)


def reaches(target: Target, calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """When so much time on the target's clock has passed since `start`. CalendarNeverOpens."""
    if isinstance(target, Minutes | CalendarDays | CalendarMonths):
        return start + max(amount, timedelta())
    return due(calendar, start, amount)


def is_provisional(target: Target, calendar: Calendar, start: datetime, due: datetime) -> bool:
    """Whether days off that may still be announced could move `due`. Where opening hours do not
    count, none can."""
    in_hours = isinstance(target, WorkingMinutes | WorkingDays)
    return in_hours and rests_on_provisional(calendar, start, due)


def _local(trigger: Event, calendar: Calendar) -> datetime:
    return trigger.at.astimezone(calendar.tz).replace(tzinfo=None)


def _from_local(local: datetime, calendar: Calendar) -> datetime:
    """A wall-clock time that exists twice is the first of the two."""
    return local.replace(tzinfo=calendar.tz).astimezone(UTC)


def read_target(row: Mapping[str, Any]) -> Target:
    """A row's `target` table. ValueError if it is none, or its amount is not above zero."""
    target = _target(row)
    amount = next(iter(row.values()))
    if isinstance(amount, int) and not isinstance(amount, bool) and amount <= 0:
        raise ValueError(f"a limit must be above zero: {dict(row)}")
    return target


def _target(row: Mapping[str, Any]) -> Target:
    match row:
        case {"working_days": int(days), "hours_per_day": int(hours), **rest} if not rest:
            return WorkingMinutes(minutes=days * hours * 60)
        case {"working_days": int(days), "from": "day", **rest} if not rest:
            return WorkingDays(days=days, from_day=True)
        case {"working_days": int(days), **rest} if (
            rest.keys() <= {"mode", "after_hours", "from"}
            and rest.get("from", "opening") == "opening"
        ):
            return WorkingDays(
                days=days,
                from_opening="from" in rest,
                mode=Mode(rest.get("mode", Mode.END_OF_DAY)),
                after_hours=AfterHours(rest.get("after_hours", AfterHours.NEXT_WORKING_DAY)),
            )
        case {"calendar_days": int(days), **rest} if not rest:
            return CalendarDays(days=days)
        case {"calendar_months": int(months), **rest} if not rest:
            return CalendarMonths(months=months)
        case {"working_minutes": int(minutes), **rest} if rest in ({}, {"from": "opening"}):
            return WorkingMinutes(minutes=minutes, from_opening=bool(rest))
        case {"minutes": int(minutes), **rest} if not rest:
            return Minutes(minutes=minutes)
        case {"by": str(clock), **rest} if not rest:
            return ByTimeOfDay(by=time.fromisoformat(clock))
        case {"agreed": True, **rest} if not rest:
            return AsAgreed()
        case _:
            raise ValueError(f"no such target: {dict(row)}")


_WRITTEN: tuple[tuple[str, Callable[[re.Match[str]], Target]], ...] = (
    (
        r"PT(\d+)M working( from opening)?",
        lambda m: WorkingMinutes(minutes=int(m[1]), from_opening=bool(m[2])),
    ),
    (r"PT(\d+)M", lambda m: Minutes(minutes=int(m[1]))),
    (
        r"P(\d+)D working( same (?:time|clock))?( same day)?( from day| from opening)?",
        lambda m: WorkingDays(
            days=int(m[1]),
            mode=Mode(m[2].strip().replace(" ", "_")) if m[2] else Mode.END_OF_DAY,
            after_hours=AfterHours.SAME_DAY if m[3] else AfterHours.NEXT_WORKING_DAY,
            from_day=m[4] == " from day",
            from_opening=m[4] == " from opening",
        ),
    ),
    (r"P(\d+)D", lambda m: CalendarDays(days=int(m[1]))),
    (r"P(\d+)M", lambda m: CalendarMonths(months=int(m[1]))),
    (r"by (\d\d:\d\d)", lambda m: ByTimeOfDay(by=time.fromisoformat(m[1]))),
    (r"as agreed", lambda m: AsAgreed()),
)


def target_from(text: str) -> Target:
    """The target a timer's event wrote down: the inverse of `str`. ValueError for another text."""
    for pattern, make in _WRITTEN:
        if found := re.fullmatch(pattern, text):
            return make(found)
    raise ValueError(f"no such target: {text}")
