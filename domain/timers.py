"""Timers: what facts start, fulfil, move and end, and what is overdue by the time of a fact.

The one engine for every deadline. It folds a stream's timer events and, given new facts, the rules
and the calendars, places timer events among the facts; nothing here reads a clock. Aggregates know
nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, assert_never, cast, runtime_checkable
from uuid import UUID

from domain.event import Event, Frozen
from domain.keys import SubjectKeyCreated
from domain.policy.rulebook import Rulebook as Rulebook
from domain.terms import Market, Tier
from domain.timer_events import (
    TIMERS,
    FulfilledTimer,
    RetargetedTimer,
    SlaBreached,
    SlaTimersCancelled,
    SlaTimersFulfilled,
    SlaTimersPaused,
    SlaTimersResumed,
    SlaTimersRetargeted,
    SlaWarningReached,
    StartedTimer,
    TimerEvent,
)
from domain.timer_events import SlaTimersStarted as SlaTimersStarted

ENDS = frozenset({"TicketClosed", "ComplaintClosed"})
"""Facts after which nothing is owed any more in their case."""

_TIMER_TYPES = frozenset(cls.__name__ for cls in TIMERS)
_KEY_TYPES = frozenset({SubjectKeyCreated.__name__})


@runtime_checkable
class Agreement(Protocol):
    """A fact that names a time agreed with the customer."""

    agreed_due: datetime


class Timer(Frozen):
    """A timer as it stands. `due_at` None: paused. `ended`: fulfilled or cancelled."""

    promise: StartedTimer
    due_at: datetime | None
    breached: bool = False
    ended: bool = False

    @property
    def id(self) -> UUID:
        return self.promise.timer


def is_timer_event(type_name: str) -> bool:
    return type_name in _TIMER_TYPES


def is_fact(type_name: str) -> bool:
    """Whether a stored event is one that an aggregate's `evolve` folds."""
    return type_name not in _TIMER_TYPES and type_name not in _KEY_TYPES


def running_timers(timer_events: Sequence[Event]) -> Mapping[UUID, Timer]:
    """Every timer of a stream as it stands; those that ended stay in, for cycles are counted."""
    timers: dict[UUID, Timer] = {}
    for event in timer_events:
        _fold(timers, cast("TimerEvent", event))
    return timers


def with_timers(
    running: Mapping[UUID, Timer],
    facts: Sequence[Event],
    *,
    rules: Rulebook,
    market: Market | None,
    tier: str | None,
    stream: UUID,
) -> list[tuple[Event, int]]:
    """The facts in their order with the timer events they cause, each with its cause's index.

    What was overdue when a fact happened is noted before it; what the fact fulfils, moves, ends
    and starts comes after it, in this order. Raises CalendarNeverOpens.
    """
    timers = dict(running)
    held = None if tier is None else Tier(tier)
    placed: list[tuple[Event, int]] = []
    for index, fact in enumerate(facts):
        breaches = overdue(timers, fact.at)
        caused: list[TimerEvent] = []
        for breach in breaches:
            _fold(timers, breach)
        for cause in (_fulfilled, _retargeted, _cancelled):
            for event in cause(timers, fact):
                _fold(timers, event)
                caused.append(event)
        for start in _started(timers, fact, rules, market, held, stream):
            _fold(timers, start)
            caused.append(start)
        placed += [(event, index) for event in (*breaches, fact, *caused)]
    return placed


def overdue(timers: Mapping[UUID, Timer], at: datetime) -> list[SlaBreached]:
    """The breaches not yet noted of what was due before `at`, the earliest first.

    Due at `at` itself is still in time (R5)."""
    late = [
        SlaBreached(
            timer=timer.id,
            metric=timer.promise.metric,
            rule=timer.promise.rule,
            clause=timer.promise.clause,
            due_at=timer.due_at,
            at=timer.due_at,
        )
        for timer in timers.values()
        if timer.due_at is not None and timer.due_at < at and not (timer.breached or timer.ended)
    ]
    return sorted(late, key=lambda breach: (breach.due_at, breach.rule))


def _fulfilled(timers: Mapping[UUID, Timer], fact: Event) -> Iterator[SlaTimersFulfilled]:
    """A fact of which only the day is known is in time if the day had begun by the due time."""
    kept = tuple(
        FulfilledTimer(
            timer=timer.id,
            due_at=timer.due_at,
            fulfilled_at=fact.at,
            breached=timer.due_at is not None and timer.due_at < fact.at,
        )
        for timer in _open(timers)
        if timer.promise.fulfilled_by == type(fact).__name__
    )
    if kept:
        yield SlaTimersFulfilled(timers=kept, at=fact.at, at_precision=fact.at_precision)


def _retargeted(timers: Mapping[UUID, Timer], fact: Event) -> Iterator[SlaTimersRetargeted]:
    """A breach is never undone by a later agreement (R8)."""
    name = type(fact).__name__
    extended = [t for t in _open(timers) if t.promise.extended_by == name and not t.breached]
    if not extended or not isinstance(fact, Agreement):
        return
    moved = tuple(
        RetargetedTimer(timer=timer.id, old_due_at=timer.due_at, due_at=fact.agreed_due)
        for timer in extended
        if timer.due_at not in (None, fact.agreed_due)
    )
    if moved:
        yield SlaTimersRetargeted(timers=moved, at=fact.at, at_precision=fact.at_precision)


def _cancelled(timers: Mapping[UUID, Timer], fact: Event) -> Iterator[SlaTimersCancelled]:
    name = type(fact).__name__
    if name not in ENDS:
        return
    ended = tuple(timer.id for timer in _open(timers) if not timer.breached)
    if ended:
        yield SlaTimersCancelled(
            timers=ended, cause=name, at=fact.at, at_precision=fact.at_precision
        )


def _started(
    timers: Mapping[UUID, Timer],
    fact: Event,
    rules: Rulebook,
    market: Market | None,
    tier: Tier | None,
    stream: UUID,
) -> Iterator[SlaTimersStarted]:
    """A rule whose timer still runs is not started a second time."""
    candidates = rules.started_by.get(type(fact).__name__, ())
    if not candidates:
        return
    promises: list[StartedTimer] = []
    for rule in candidates:
        calendar = rules.calendar(market, rule.calendar)
        if not rule.binds(fact, calendar, tier, market):
            continue
        earlier = [timer for timer in timers.values() if timer.promise.rule == rule.id]
        if all(timer.ended for timer in earlier):
            cycle = len(earlier) + 1
            promises.append(rule.promise(fact, calendar, tier=tier, stream=stream, cycle=cycle))
    if promises:
        yield SlaTimersStarted(timers=tuple(promises), at=fact.at, at_precision=fact.at_precision)


def _open(timers: Mapping[UUID, Timer]) -> list[Timer]:
    return [timer for timer in timers.values() if not timer.ended]


def _fold(timers: dict[UUID, Timer], event: TimerEvent) -> None:
    match event:
        case SlaTimersStarted():
            for promise in event.timers:
                timers[promise.timer] = Timer(promise=promise, due_at=promise.due_at)
        case SlaTimersPaused():
            for paused in event.timers:
                timers[paused.timer] = replace(timers[paused.timer], due_at=None)
        case SlaTimersResumed() | SlaTimersRetargeted():
            for moved in event.timers:
                timers[moved.timer] = replace(timers[moved.timer], due_at=moved.due_at)
        case SlaTimersFulfilled():
            for kept in event.timers:
                timers[kept.timer] = replace(timers[kept.timer], breached=kept.breached, ended=True)
        case SlaTimersCancelled():
            for timer in event.timers:
                timers[timer] = replace(timers[timer], ended=True)
        case SlaBreached():
            timers[event.timer] = replace(timers[event.timer], breached=True)
        case SlaWarningReached():
            pass
        case _:
            assert_never(event)
