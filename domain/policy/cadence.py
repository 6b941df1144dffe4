"""A cadence rule: what has to be done again and again by the calendar. Which there are: the packs'
`.toml` files.

A period begins at a local midnight and ends where the next begins: [start, end). Weeks start on
Monday; months, quarters, half years and years on the first of a month, counted from January; weeks
taken several at a time from the Monday of 5 January 1970.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from domain.event import Event, Frozen
from domain.opening_hours import Calendar
from domain.policy.deadline import Pack
from domain.policy.target import WorkingDays
from domain.working_time import is_working_day

DAY = timedelta(days=1)
A_MONDAY = date(1970, 1, 5)
LONGEST, MOST_TIMES = 10, 1_000
"""A period in years, and how often something can be owed in one."""


class Unit(StrEnum):
    """What periods are measured in."""

    WORKING_DAYS = "working_days"
    WEEKS = "weeks"
    MONTHS = "months"
    QUARTERS = "quarters"
    HALF_YEARS = "half_years"
    YEARS = "years"


MONTHS: Mapping[Unit, int] = {
    Unit.MONTHS: 1,
    Unit.QUARTERS: 3,
    Unit.HALF_YEARS: 6,
    Unit.YEARS: 12,
}


class Per(StrEnum):
    """For whom it is done: once for all, or once for each of these."""

    ORGANISATION = "organisation"
    MARKET = "market"
    CUSTOMER = "customer"
    PERSON = "person"


class Every(Frozen):
    """So many units; working days are taken one by one."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        """An ISO 8601 duration."""
        if self.unit is Unit.WORKING_DAYS:
            return "P1D working"
        if self.unit is Unit.WEEKS:
            return f"P{self.count}W"
        return f"P{self.count * MONTHS[self.unit]}M"


class Period(NamedTuple):
    """[start, end) in UTC, and the instant by which what is owed for it is done."""

    start: datetime
    end: datetime
    due: datetime


class CadenceRule(Frozen):
    """`duty` is its name in events, `role` whose it is, `times` how often in each period.

    `due_days` working days after the period began it is due; None: when the period ends.
    `warn_days` before that somebody is reminded. `reading`, `proposal`, `inactive`, `in_force` and
    `lapsed` are as in a deadline rule; `every` None: no number yet, as in a draft.
    """

    id: str
    pack: Pack
    clause: str
    says: str
    zh: str
    duty: str
    every: Every | None
    role: str
    per: Per = Per.ORGANISATION
    times: int = 1
    due_days: WorkingDays | None = None
    warn_days: int | None = None
    reading: str | None = None
    proposal: bool = False
    inactive: str | None = None
    in_force: date | None = None
    lapsed: date | None = None

    @property
    def starts(self) -> bool:
        """Whether its periods are opened at all."""
        return self.pack.active and self.inactive is None and self.every is not None

    def in_force_on(self, day: date) -> bool:
        return (self.in_force or date.min) <= day < (self.lapsed or date.max)


def periods(
    rule: CadenceRule, calendar: Calendar, since: datetime, until: datetime
) -> list[Period]:
    """The periods that begin in [since, until) on days on which the rule is in force, in order.

    `calendar` says in which zone days begin and which of them are worked. None for a rule without
    a number. Raises CalendarNeverOpens where working days are counted and there are none.
    """
    if rule.every is None or until <= since:
        return []
    found = []
    last = until.astimezone(calendar.tz).date()
    for first, after in _spans(rule.every, calendar, since.astimezone(calendar.tz).date()):
        if first > last:
            break
        start, end = _midnight(calendar, first), _midnight(calendar, after)
        if since <= start < until and rule.in_force_on(first):
            due = end if rule.due_days is None else rule.due_days.due(calendar, Event(at=start))
            found.append(Period(start, end, due))
    return found


def period_of(rule: CadenceRule, calendar: Calendar, at: datetime) -> Period | None:
    """The period that `at` lies in, if the rule was in force when it began."""
    day = at.astimezone(calendar.tz).date()
    for first, _ in _spans(rule.every, calendar, day) if rule.every else ():
        if first > day:
            break
        start = _midnight(calendar, first)
        for period in periods(rule, calendar, start, start + DAY / 2):
            if period.start <= at < period.end:
                return period
    return None


def _spans(every: Every, calendar: Calendar, day: date) -> Iterator[tuple[date, date]]:
    """The first day and the day after the last of the period of `day`, and of all later ones."""
    if every.unit is Unit.WORKING_DAYS:
        while True:
            if is_working_day(calendar, day):
                yield day, day + DAY
            elif day.year == date.max.year:
                return
            day += DAY
    if every.unit is Unit.WEEKS:
        length = every.count * 7 * DAY
        first = A_MONDAY + (day - A_MONDAY) // length * length
        while True:
            yield first, first + length
            first += length
    months = every.count * MONTHS[every.unit]
    number = (day.year * 12 + day.month - 1) // months * months
    while True:
        yield _first_of(number), _first_of(number + months)
        number += months


def _first_of(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def _midnight(calendar: Calendar, day: date) -> datetime:
    """Where the clock skips midnight, the instant at which it does."""
    return datetime.combine(day, time(), calendar.tz).astimezone(UTC)


def read_cadences(document: Mapping[str, Any]) -> tuple[CadenceRule, ...]:
    """The cadence rules of a parsed pack.

    KeyError, TypeError or ValueError, naming the row, if it is not well-formed, or two rules have
    one id.
    """
    pack = Pack(**document["pack"])
    rules = tuple(read_cadence(row, pack) for row in document.get("cadence", ()))
    ids = [rule.id for rule in rules]
    if twice := sorted({id for id in ids if ids.count(id) > 1}):
        raise ValueError(f"pack {pack.name}: two rules are called {twice[0]}")
    return rules


def read_cadence(row: Mapping[str, Any], pack: Pack) -> CadenceRule:
    """ValueError, TypeError or KeyError, with a note of the row's id, if it is not well-formed."""
    try:
        return _rule(dict(row), pack)
    except (KeyError, TypeError, ValueError) as fault:
        fault.add_note(f"row {row.get('id')} of {pack.name}")
        raise


def _rule(row: dict[str, Any], pack: Pack) -> CadenceRule:
    warn = row.pop("warn", {})
    if strange := sorted(warn.keys() - {"before_days"}):
        raise ValueError(f"no reminder is given by {strange[0]}")
    times = row.pop("times", 1)
    for number in (times, *warn.values()):
        if type(number) is not int or number <= 0:
            raise ValueError(f"a number must be above zero: {number}")
        if number > MOST_TIMES:
            raise ValueError(f"a number must be at most {MOST_TIMES}: {number}")
    return CadenceRule(
        pack=pack,
        every=_every(row.pop("every")),
        per=Per(row.pop("per", Per.ORGANISATION)),
        times=times,
        due_days=_due(row.pop("due", "end_of_period")),
        warn_days=warn.get("before_days"),
        **row,
    )


def _every(row: Mapping[str, Any]) -> Every | None:
    if not row:
        return None
    [(unit, count)] = row.items()
    if type(count) is not int or count <= 0:
        raise ValueError(f"a period must be above zero: {dict(row)}")
    if Unit(unit) is Unit.WORKING_DAYS and count != 1:
        raise ValueError("working days are taken one by one")
    if count * MONTHS.get(Unit(unit), 0) > 12 * LONGEST or count > 52 * LONGEST:
        raise ValueError(f"a period is at most {LONGEST} years: {dict(row)}")
    return Every(count=count, unit=Unit(unit))


def _due(given: str | Mapping[str, Any]) -> WorkingDays | None:
    match given:
        case "end_of_period":
            return None
        case {"working_days": int(days), **rest} if not rest and 0 < days <= MOST_TIMES:
            return WorkingDays(days=days)
        case _:
            raise ValueError(f"nothing is due by {given}")
