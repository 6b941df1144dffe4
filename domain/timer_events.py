"""Events of timers: promises with a due time, in the stream of the case they are made in.

They stand after the fact that caused them (what fell due before a late fact: before it), one event
with a list per cause; warnings, breaches and escalations come singly. No aggregate's `evolve` ever
sees one. All times are instants in UTC. `elapsed_seconds` is the time counted so far on the clock
of the promise (opening hours, where days are promised).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, get_args
from uuid import UUID

from domain.event import Event, Frozen
from domain.terms import Tier


class Milestone(Frozen):
    """What is to be noted when a timer still runs at `at`: a warning, or, with `to`, that a role is
    called in."""

    name: str
    at: datetime
    to: str | None = None


class StartedTimer(Frozen):
    """A promise in full, so that it is understood and kept without any policy at hand.

    `timer` is uuid5(stream, rule, cycle); a rule that starts anew in its stream starts the next
    cycle, from 1. `policy` and `calendar` are name@version. `target` is an ISO 8601 duration and
    its clock. `tier`, `channel` and `team` are those at receipt. `fulfilled_by` and `extended_by`
    name facts, several separated by spaces. `provisional`: the due time rests on holidays that were
    not announced yet. `notify_at`: when people are told of a breach, if not at once.
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
    channel: str | None = None
    team: str | None = None
    provisional: bool | None = None
    notify_at: datetime | None = None
    plan: tuple[Milestone, ...] | None = None


class PausedTimer(Frozen):
    """`left_seconds` are still to run; None where a day is promised, which stands."""

    timer: UUID
    left_seconds: int | None
    elapsed_seconds: int | None = None


class ResumedTimer(Frozen):
    """Also one that had been fulfilled, when its case is opened again."""

    timer: UUID
    due_at: datetime
    plan: tuple[Milestone, ...] | None = None


class Move(StrEnum):
    """Why a due time was moved."""

    AGREED = "agreed"
    TIER = "tier"
    PRIORITY = "priority"
    TEAM = "team"
    CATEGORY = "category"
    MARKET = "market"
    POLICY = "policy"
    CALENDAR = "calendar"


class RetargetedTimer(Frozen):
    """A due time is None while the timer is paused. Of the others None says: as before.

    `counts_from`: what was counted until then counts no longer. `allowed_seconds` goes before the
    target: what had been counted by a change that came too late for its own target, and grace.
    """

    timer: UUID
    old_due_at: datetime | None
    due_at: datetime | None
    cause: Move | None = None
    policy: str | None = None
    rule: str | None = None
    target: str | None = None
    calendar: str | None = None
    counts_from: datetime | None = None
    allowed_seconds: int | None = None
    left_seconds: int | None = None
    elapsed_seconds: int | None = None
    plan: tuple[Milestone, ...] | None = None


class FulfilledTimer(Frozen):
    """`breached`: later than due. `due_at` None: it was paused."""

    timer: UUID
    due_at: datetime | None
    fulfilled_at: datetime
    breached: bool
    elapsed_seconds: int | None = None


class SlaTimersStarted(Event):
    SCHEMA: ClassVar[int] = 2

    timers: tuple[StartedTimer, ...]


class SlaTimersPaused(Event):
    SCHEMA: ClassVar[int] = 2

    timers: tuple[PausedTimer, ...]


class SlaTimersResumed(Event):
    SCHEMA: ClassVar[int] = 2

    timers: tuple[ResumedTimer, ...]


class SlaTimersRetargeted(Event):
    SCHEMA: ClassVar[int] = 2

    timers: tuple[RetargetedTimer, ...]


class SlaTimersFulfilled(Event):
    SCHEMA: ClassVar[int] = 2

    timers: tuple[FulfilledTimer, ...]


class SlaTimersCancelled(Event):
    """Nothing is owed any more. What had been breached by then stays so and is not among them.

    `elapsed_seconds` runs along `timers`.
    """

    SCHEMA: ClassVar[int] = 2

    timers: tuple[UUID, ...]
    cause: str
    elapsed_seconds: tuple[int, ...] | None = None


class SlaWarningReached(Event):
    """`milestone` says which warning of the rule, as in the timer's plan."""

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


class SlaEscalated(Event):
    """A breach has lasted as long as the ladder's step says; `to` is the role called in."""

    timer: UUID
    metric: str
    rule: str
    clause: str
    due_at: datetime
    milestone: str
    to: str


class SlaBreachRetracted(Event):
    """What fulfils the promise had happened in time and was told late."""

    timer: UUID
    due_at: datetime
    fulfilled_at: datetime


class SlaBreachExcused(Event):
    """It stays a breach; the reason stands beside it. `approver` is not who asked for it."""

    timer: UUID
    reason: str
    approver: str


TimerEvent = (
    SlaTimersStarted
    | SlaTimersPaused
    | SlaTimersResumed
    | SlaTimersRetargeted
    | SlaTimersFulfilled
    | SlaTimersCancelled
    | SlaWarningReached
    | SlaBreached
    | SlaEscalated
    | SlaBreachRetracted
    | SlaBreachExcused
)
TIMERS: tuple[type[Event], ...] = get_args(TimerEvent)
