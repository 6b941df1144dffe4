"""Events of timers: promises with a due time, in the stream of the case they are made in.

They stand after the fact that caused them (a breach noted late: before the fact that came too
late), one event with a list per cause; warnings and breaches come singly. No aggregate's `evolve`
ever sees one. All times are instants in UTC.
"""

from __future__ import annotations

from datetime import datetime
from typing import get_args
from uuid import UUID

from domain.event import Event, Frozen
from domain.terms import Tier


class StartedTimer(Frozen):
    """A promise in full, so that it is understood and kept without any policy at hand.

    `timer` is uuid5(stream, rule, cycle); a rule that starts anew in its stream starts the next
    cycle, from 1. `policy` and `calendar` are name@version. `target` is an ISO 8601 duration and
    its clock. `tier` is the one held at receipt. `fulfilled_by` and `extended_by` name facts.
    """

    timer: UUID
    cycle: int
    metric: str
    rule: str
    clause: str
    policy: str
    calendar: str
    target: str
    tier: Tier | None = None
    started_at: datetime
    due_at: datetime
    fulfilled_by: str
    extended_by: str | None = None


class PausedTimer(Frozen):
    """`left_seconds` of working time are still to run."""

    timer: UUID
    left_seconds: int


class ResumedTimer(Frozen):
    timer: UUID
    due_at: datetime


class RetargetedTimer(Frozen):
    timer: UUID
    old_due_at: datetime
    due_at: datetime


class FulfilledTimer(Frozen):
    """`breached`: later than due. `due_at` None: it was paused."""

    timer: UUID
    due_at: datetime | None
    fulfilled_at: datetime
    breached: bool


class SlaTimersStarted(Event):
    timers: tuple[StartedTimer, ...]


class SlaTimersPaused(Event):
    timers: tuple[PausedTimer, ...]


class SlaTimersResumed(Event):
    timers: tuple[ResumedTimer, ...]


class SlaTimersRetargeted(Event):
    timers: tuple[RetargetedTimer, ...]


class SlaTimersFulfilled(Event):
    """Takes back a breach noted before, if what fulfils it happened in time and was told late."""

    timers: tuple[FulfilledTimer, ...]


class SlaTimersCancelled(Event):
    """The case ended first. What had been breached by then stays so and is not among them."""

    timers: tuple[UUID, ...]
    cause: str


class SlaWarningReached(Event):
    """`milestone` says which warning of the rule."""

    timer: UUID
    metric: str
    rule: str
    clause: str
    due_at: datetime
    milestone: str


class SlaBreached(Event):
    """`at` is the due time, whenever it was noted."""

    timer: UUID
    metric: str
    rule: str
    clause: str
    due_at: datetime


TimerEvent = (
    SlaTimersStarted
    | SlaTimersPaused
    | SlaTimersResumed
    | SlaTimersRetargeted
    | SlaTimersFulfilled
    | SlaTimersCancelled
    | SlaWarningReached
    | SlaBreached
)
TIMERS: tuple[type[Event], ...] = get_args(TimerEvent)
