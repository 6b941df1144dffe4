"""A timer as its events leave it, and what it has counted.

Folding needs neither rules nor calendars; counting is done with the calendars the timer names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never, cast
from uuid import UUID

from domain.event import Event, Frozen
from domain.opening_hours import Calendar
from domain.policy.target import Minutes, Target, WorkingMinutes, counts, reaches, target_from
from domain.timer_events import (
    Milestone,
    RetargetedTimer,
    SlaBreached,
    SlaBreachExcused,
    SlaBreachRetracted,
    SlaEscalated,
    SlaTimersCancelled,
    SlaTimersFulfilled,
    SlaTimersPaused,
    SlaTimersResumed,
    SlaTimersRetargeted,
    SlaTimersStarted,
    SlaWarningReached,
    StartedTimer,
    TimerEvent,
)

Calendars = Callable[[str], Calendar]
"""A calendar by name@version."""


class End(StrEnum):
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"


class Span(Frozen):
    """A stretch of time in which a timer ran, and the calendar it counts by. `end` None: it does
    so now."""

    calendar: str
    start: datetime
    end: datetime | None = None


class Timer(Frozen):
    """`deadline` None: it is paused and has no due time. A promised day stands while paused.

    `plan` is what is still to be noted, `noted` what has been.
    """

    promise: StartedTimer
    policy: str
    rule: str
    written: str
    deadline: datetime | None
    spans: tuple[Span, ...]
    plan: tuple[Milestone, ...] = ()
    noted: frozenset[str] = frozenset()
    allowed: timedelta | None = None
    breached: bool = False
    end: End | None = None
    ended_at: datetime | None = None

    @property
    def id(self) -> UUID:
        return self.promise.timer

    @property
    def ended(self) -> bool:
        return self.end is not None

    @property
    def paused(self) -> bool:
        return self.end is None and self.spans[-1].end is not None

    @property
    def calendar(self) -> str:
        return self.spans[-1].calendar

    @property
    def due_at(self) -> datetime | None:
        """None while paused (R6), unless the time was over before."""
        return None if self.paused and not self.breached else self.deadline

    @property
    def target(self) -> Target:
        return target_from(self.written)

    @property
    def amount(self) -> timedelta | None:
        """How much time it has in all; None where a day is promised."""
        if self.allowed is not None:
            return self.allowed
        target = self.target
        return target.amount if isinstance(target, WorkingMinutes | Minutes) else None

    def counted(self, calendars: Calendars, until: datetime) -> timedelta:
        """The time counted by an instant, which may lie before what happened last."""
        total = timedelta()
        for span in self.spans:
            end = until if span.end is None else min(span.end, until)
            if end > span.start:
                total += counts(self.target, calendars(span.calendar), span.start, end)
        return total

    def reached(self, calendars: Calendars, amount: timedelta) -> datetime | None:
        """When so much has been counted, or will have been; None if it is paused before.

        Raises CalendarNeverOpens."""
        left = amount
        for span in self.spans:
            calendar = calendars(span.calendar)
            if span.end is None:
                return reaches(self.target, calendar, span.start, left)
            counted = counts(self.target, calendar, span.start, span.end)
            if counted >= left:
                return reaches(self.target, calendar, span.start, left)
            left -= counted
        return None


def fold(timers: dict[UUID, Timer], event: TimerEvent) -> None:
    match event:
        case SlaTimersStarted():
            for promise in event.timers:
                timers[promise.timer] = _started(promise)
        case SlaTimersPaused():
            for paused in event.timers:
                timer = timers[paused.timer]
                stands = timer.breached or timer.amount is None
                timers[timer.id] = replace(
                    timer,
                    spans=_closed(timer.spans, event.at),
                    deadline=timer.deadline if stands else None,
                    plan=(),
                )
        case SlaTimersResumed():
            for resumed in event.timers:
                timer = timers[resumed.timer]
                timers[timer.id] = replace(
                    timer,
                    spans=(*timer.spans, Span(calendar=timer.calendar, start=event.at)),
                    deadline=resumed.due_at,
                    plan=resumed.plan or (),
                    end=None,
                    ended_at=None,
                )
        case SlaTimersRetargeted():
            for moved in event.timers:
                timers[moved.timer] = _moved(timers[moved.timer], moved, event.at)
        case SlaTimersFulfilled():
            for kept in event.timers:
                timer = timers[kept.timer]
                timers[timer.id] = replace(
                    timer,
                    spans=_closed(timer.spans, kept.fulfilled_at),
                    breached=kept.breached,
                    plan=(),
                    end=End.FULFILLED,
                    ended_at=kept.fulfilled_at,
                )
        case SlaTimersCancelled():
            for id in event.timers:
                timer = timers[id]
                spans = _closed(timer.spans, event.at)
                timers[id] = replace(
                    timer, spans=spans, plan=(), end=End.CANCELLED, ended_at=event.at
                )
        case SlaBreached():
            timers[event.timer] = replace(timers[event.timer], breached=True)
        case SlaBreachRetracted():
            timers[event.timer] = replace(timers[event.timer], breached=False)
        case SlaWarningReached() | SlaEscalated():
            timer = timers[event.timer]
            timers[timer.id] = replace(
                timer,
                plan=tuple(m for m in timer.plan if m.name != event.milestone),
                noted=timer.noted | {event.milestone},
            )
        case SlaBreachExcused():
            pass
        case _:
            assert_never(event)


def running_timers(timer_events: Sequence[Event]) -> Mapping[UUID, Timer]:
    """Every timer of a stream as it stands; those that ended stay in, for cycles are counted."""
    timers: dict[UUID, Timer] = {}
    for event in timer_events:
        fold(timers, cast("TimerEvent", event))
    return timers


def _started(promise: StartedTimer) -> Timer:
    return Timer(
        promise=promise,
        policy=promise.policy,
        rule=promise.rule,
        written=promise.target,
        deadline=promise.due_at,
        spans=(Span(calendar=promise.calendar, start=promise.started_at),),
        plan=promise.plan or (),
    )


def _moved(timer: Timer, moved: RetargetedTimer, at: datetime) -> Timer:
    spans, paused = timer.spans, timer.paused
    if moved.calendar is not None:
        if moved.cause == "calendar":
            spans = tuple(replace(span, calendar=moved.calendar) for span in spans)
        else:
            end = at if paused else None
            spans = (*_closed(spans, at), Span(calendar=moved.calendar, start=at, end=end))
    if moved.counts_from is not None:
        end = moved.counts_from if paused else None
        spans = (Span(calendar=spans[-1].calendar, start=moved.counts_from, end=end),)
    allowed = moved.allowed_seconds
    return replace(
        timer,
        policy=moved.policy or timer.policy,
        rule=moved.rule or timer.rule,
        written=moved.target or timer.written,
        spans=spans,
        deadline=moved.due_at,
        plan=moved.plan or (),
        allowed=None if allowed is None else timedelta(seconds=allowed),
    )


def _closed(spans: tuple[Span, ...], at: datetime) -> tuple[Span, ...]:
    """None runs on after `at`, also where what ends it is told late."""
    return tuple(
        replace(span, end=max(at, span.start)) if span.end is None or span.end > at else span
        for span in spans
    )
