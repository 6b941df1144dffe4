"""An explanation of a promise as people and programs read it: a sentence for each stretch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from domain.explaining import Explanation, Step, Stretch, explain
from domain.policy.target import (
    ByTimeOfDay,
    CalendarDays,
    CalendarMonths,
    Minutes,
    Target,
    WorkingDays,
    WorkingMinutes,
)
from domain.running_timer import Calendars, End, Timer
from infra.messages import Language
from infra.messages.catalogue import sentences


class StretchShown(BaseModel):
    """A stretch of time. `step`: counted, closed, day_off, paused, forgotten; for promised days
    working_day, uncounted_day, closed_day."""

    step: str
    start: datetime
    end: datetime
    counted_seconds: int = Field(description="What it adds to the count")
    so_far_seconds: int = Field(description="What has been counted by its end")
    names: list[str] = Field(description="The days off in it")
    number: int | None = Field(description="The how-manieth working day it is")
    says: str


class ExplanationShown(BaseModel):
    """Why a promise is due when it is, stretch by stretch; times in the zone of its calendar."""

    timer: UUID
    case: UUID
    metric: str
    rule: str
    clause: str
    policy: str
    calendar: str
    zone: str
    target: str
    state: str = Field(description="running, paused, breached, fulfilled or cancelled")
    started_at: datetime
    due_at: datetime | None = Field(description="Null while it is paused")
    allowed_seconds: int | None = Field(description="Null where a day is promised")
    moved: bool = Field(description="The due time does not follow from the count: it was agreed")
    provisional: bool = Field(description="It rests on days off that may still be announced")
    stretches: list[StretchShown]
    says: list[str] = Field(description="All of it in words, from what is promised to the end")


def explained(
    timer: Timer, case: UUID, calendars: Calendars, now: datetime, language: Language
) -> ExplanationShown:
    """Raises what `calendars` raises for one that was never published."""
    why = explain(timer, calendars, now)
    words = _Words(language, why.zone)
    stretches = [_shown(stretch, words) for stretch in why.stretches]
    return ExplanationShown(
        timer=timer.id,
        case=case,
        metric=timer.promise.metric,
        rule=timer.rule,
        clause=timer.promise.clause,
        policy=timer.policy,
        calendar=why.calendar,
        zone=why.zone,
        target=why.target,
        state=_state(timer),
        started_at=words.local(why.started_at),
        due_at=None if why.due_at is None else words.local(why.due_at),
        allowed_seconds=None if why.allowed is None else round(why.allowed.total_seconds()),
        moved=why.moved,
        provisional=why.provisional,
        stretches=stretches,
        says=[
            *_before(timer, why, words),
            *(stretch.says for stretch in stretches),
            *_after(timer, why, words),
        ],
    )


def _shown(stretch: Stretch, words: _Words) -> StretchShown:
    named = stretch.step is Step.CLOSED_DAY and bool(stretch.names)
    return StretchShown(
        step=stretch.step,
        start=words.local(stretch.start),
        end=words.local(stretch.end),
        counted_seconds=round(stretch.counted.total_seconds()),
        so_far_seconds=round(stretch.so_far.total_seconds()),
        names=list(stretch.names),
        number=stretch.number,
        says=words.say(
            f"{stretch.step}_named" if named else str(stretch.step),
            start=words.time(stretch.start),
            end=words.time(stretch.end),
            day=words.day(words.local(stretch.start).date()),
            counted=words.span(stretch.counted),
            so_far=words.span(stretch.so_far),
            names=", ".join(stretch.names),
            number=stretch.number,
        ),
    )


def _before(timer: Timer, why: Explanation, words: _Words) -> Iterator[str]:
    code, number = _promised(timer.target)
    yield words.say(
        f"promised_{code}",
        clause=timer.promise.clause,
        started_at=words.time(why.started_at),
        allowed=words.span(why.allowed or timedelta()),
        number=number,
    )
    yield words.say("counts_by", zone=why.zone, calendar=why.calendar)


def _after(timer: Timer, why: Explanation, words: _Words) -> Iterator[str]:
    due_at = None if why.due_at is None else words.time(why.due_at)
    yield words.say("due_none" if due_at is None else "due", due_at=due_at)
    if why.moved:
        yield words.say("moved")
    if why.provisional:
        yield words.say("provisional")
    if timer.breached and timer.deadline is not None:
        yield words.say("breached", due_at=words.time(timer.deadline))
    if timer.end is not None and timer.ended_at is not None:
        late = timer.end is End.FULFILLED and timer.breached
        code = f"{timer.end}_late" if late else str(timer.end)
        yield words.say(code, ended_at=words.time(timer.ended_at))


def _promised(target: Target) -> tuple[str, Any]:
    match target:
        case WorkingMinutes():
            return "working_minutes", None
        case Minutes():
            return "minutes", None
        case WorkingDays(days=days):
            return "working_days", days
        case CalendarDays(days=days):
            return "calendar_days", days
        case CalendarMonths(months=months):
            return "calendar_months", months
        case ByTimeOfDay(by=by):
            return "by_time_of_day", f"{by:%H:%M}"
        case _:
            return "as_agreed", None


def _state(timer: Timer) -> str:
    if timer.end is not None and not timer.breached:
        return str(timer.end)
    if timer.breached:
        return "breached"
    return "paused" if timer.paused else "running"


class _Words:
    """Sentences of a language, with the times of a zone."""

    def __init__(self, language: Language, zone: str) -> None:
        self._book = sentences(language)["explain"]
        self._zone = ZoneInfo(zone)
        self._weekdays = self._book["weekdays"].split()

    def say(self, code: str, **parameters: Any) -> str:
        return self._book[code].format_map(parameters)

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self._zone)

    def time(self, at: datetime) -> str:
        local = self.local(at)
        return f"{self.day(local.date())} {local:%H:%M:%S}".removesuffix(":00")

    def day(self, day: date) -> str:
        return f"{self._weekdays[day.weekday()]} {day.isoformat()}"

    def span(self, time: timedelta) -> str:
        """Hours, not days: nobody is to take a day of opening hours for one of the clock."""
        minutes, seconds = divmod(round(time.total_seconds()), 60)
        hours, minutes = divmod(minutes, 60)
        parts = {"hours": hours, "minutes": minutes, "seconds": seconds}
        told = [self.say(name, **{name: n}) for name, n in parts.items() if n]
        return " ".join(told) or self.say("minutes", minutes=0)
