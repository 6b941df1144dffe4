"""A deadline rule: by when what has to follow on what. Which there are: the packs' `.toml` files.

A row says what is promised; what its targets mean stands here. Working time is that of the service
calendar of the customer's market. A rule is chosen by the day its trigger happened.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from domain.event import Event, Frozen, Precision
from domain.opening_hours import Calendar
from domain.terms import Market, Tier
from domain.timer_events import StartedTimer
from domain.working_time import (
    AfterHours,
    after_next_opening,
    due,
    inside_day_span,
    is_working_day,
    working_days_due,
)


class Received(StrEnum):
    """Whether the trigger fell into the day's span; a lunch gap is inside (CB-10.1b)."""

    INSIDE = "inside"
    OUTSIDE = "outside"


class WorkingMinutes(Frozen):
    """`from_opening`: counted from the next opening; otherwise from the trigger."""

    minutes: int
    from_opening: bool = False

    def __str__(self) -> str:
        """An ISO 8601 duration and the clock it runs on, as timers store it."""
        return f"PT{self.minutes}M working" + (" from opening" if self.from_opening else "")

    def due(self, calendar: Calendar, trigger: Event) -> datetime:
        count = after_next_opening if self.from_opening else due
        return count(calendar, trigger.at, timedelta(minutes=self.minutes))


class WorkingDays(Frozen):
    """Until the end of business on the last of the days after that of the trigger.

    `from_day`: after the calendar day of the trigger, worked or not. Otherwise what comes in on a
    closed day or after closing has come in on the next working day.
    """

    days: int
    from_day: bool = False

    def __str__(self) -> str:
        return f"P{self.days}D working" + (" from day" if self.from_day else "")

    def due(self, calendar: Calendar, trigger: Event) -> datetime:
        """A trigger of which only the day is known counts as that day of the calendar's zone."""
        at = trigger.at
        if trigger.at_precision is Precision.DAY:
            at = datetime.combine(at.date(), time(), calendar.tz)
        if not self.from_day:
            return working_days_due(calendar, at, self.days)
        worked = is_working_day(calendar, at.astimezone(calendar.tz).date())
        return working_days_due(
            calendar, at, self.days if worked else self.days - 1, after_hours=AfterHours.SAME_DAY
        )


class CalendarDays(Frozen):
    """Every day counts, as where a law sets the limit. To the same wall-clock time of the zone."""

    days: int

    def __str__(self) -> str:
        return f"P{self.days}D"

    def due(self, calendar: Calendar, trigger: Event) -> datetime:
        local = trigger.at.astimezone(calendar.tz).replace(tzinfo=None)
        return _from_local(local + timedelta(days=self.days), calendar)


class CalendarMonths(Frozen):
    """To the same day of a later month, or the last day of a shorter one."""

    months: int

    def __str__(self) -> str:
        return f"P{self.months}M"

    def due(self, calendar: Calendar, trigger: Event) -> datetime:
        local = trigger.at.astimezone(calendar.tz).replace(tzinfo=None)
        years, month = divmod(local.month - 1 + self.months, 12)
        year, month = local.year + years, month + 1
        day = min(local.day, monthrange(year, month)[1])
        return _from_local(local.replace(year=year, month=month, day=day), calendar)


def _from_local(local: datetime, calendar: Calendar) -> datetime:
    """A wall-clock time that exists twice is the first of the two."""
    return local.replace(tzinfo=calendar.tz).astimezone(UTC)


Target = WorkingMinutes | WorkingDays | CalendarDays | CalendarMonths


class Pack(Frozen):
    """A published version of a regulation's rules. Nobody in `approved_by`: shipped, not yet
    approved by a person."""

    id: str
    version: int
    says: str
    zh: str
    approved_by: Sequence[str] = ()

    @property
    def name(self) -> str:
        """What events name as their policy."""
        return f"{self.id}@{self.version}"


class DeadlineRule(Frozen):
    """One promise. `trigger`, `fulfilled_by` and `extended_by` are names of facts.

    `reading` is what was decided where the clause is silent, `proposal` whether the number itself
    is ours. `calendar`: the kind of calendar it counts by, where the market has one; None: that of
    its service. `in_force` None: from ever (only a first publication); `lapsed` is the first day
    without it.
    """

    id: str
    pack: Pack
    clause: str
    says: str
    zh: str
    metric: str
    trigger: str
    fulfilled_by: str
    target: Target
    extended_by: str | None = None
    received: Received | None = None
    tier: Tier | None = None
    markets: frozenset[Market] | None = None
    calendar: str | None = None
    reading: str | None = None
    proposal: bool = False
    in_force: date | None = None
    lapsed: date | None = None

    def binds(
        self,
        trigger: Event,
        calendar: Calendar,
        tier: Tier | None,
        market: Market | None = None,
    ) -> bool:
        """`tier` is the one held at receipt. What is known by the day starts no rule in minutes."""
        if isinstance(self.target, WorkingMinutes) and trigger.at_precision is Precision.DAY:
            return False
        return (
            self.in_force_on(trigger.at.astimezone(calendar.tz).date())
            and self.tier in (None, tier)
            and (self.markets is None or market in self.markets)
            and self.received in (None, _received(calendar, trigger.at))
        )

    def promise(
        self, trigger: Event, calendar: Calendar, *, tier: Tier | None, stream: UUID, cycle: int
    ) -> StartedTimer:
        return StartedTimer(
            timer=uuid5(stream, f"{self.id}:{cycle}"),
            cycle=cycle,
            metric=self.metric,
            rule=self.id,
            clause=self.clause,
            policy=self.pack.name,
            calendar=calendar.name,
            target=str(self.target),
            tier=tier,
            started_at=trigger.at,
            due_at=self.target.due(calendar, trigger),
            fulfilled_by=self.fulfilled_by,
            extended_by=self.extended_by,
        )

    def in_force_on(self, day: date) -> bool:
        return (self.in_force or date.min) <= day < (self.lapsed or date.max)


def _received(calendar: Calendar, at: datetime) -> Received:
    return Received.INSIDE if inside_day_span(calendar, at) else Received.OUTSIDE


def read_pack(document: Mapping[str, Any]) -> tuple[DeadlineRule, ...]:
    """The rules of a pack's parsed TOML document.

    KeyError, TypeError or ValueError if it is not well-formed, or two rules have one id.
    """
    pack = Pack(**document["pack"])
    rules = tuple(_read_rule(row, pack) for row in document["deadline"])
    ids = [rule.id for rule in rules]
    if twice := sorted({id for id in ids if ids.count(id) > 1}):
        raise ValueError(f"pack {pack.name}: two rules are called {twice[0]}")
    return rules


def _read_rule(row: Mapping[str, Any], pack: Pack) -> DeadlineRule:
    given = dict(row)
    if "received" in given:
        given["received"] = Received(given["received"])
    if "tier" in given:
        given["tier"] = Tier(given["tier"])
    if "markets" in given:
        given["markets"] = frozenset(given["markets"])
    return DeadlineRule(**given | {"pack": pack, "target": _read_target(given["target"])})


def _read_target(target: Mapping[str, Any]) -> Target:
    match target:
        case {"working_days": int(days), **rest} if rest in ({}, {"from": "day"}):
            return WorkingDays(days=days, from_day=bool(rest))
        case {"calendar_days": int(days), **rest} if not rest:
            return CalendarDays(days=days)
        case {"calendar_months": int(months), **rest} if not rest:
            return CalendarMonths(months=months)
        case {"working_minutes": int(minutes), **rest} if rest in ({}, {"from": "opening"}):
            return WorkingMinutes(minutes=minutes, from_opening=bool(rest))
        case _:
            raise ValueError(f"no such target: {dict(target)}")
