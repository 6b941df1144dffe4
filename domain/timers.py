"""Timers: what facts start, fulfil, move, pause and end, and what is overdue by the time of a fact.

The one engine for every deadline. Given a stream's timers, new facts, the rules and the calendars,
it places timer events among the facts; nothing here reads a clock. Aggregates know nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from domain.circumstances import Circumstances
from domain.event import Event
from domain.keys import SubjectKeyCreated
from domain.policy.rulebook import Rulebook as Rulebook
from domain.running_timer import Timer, fold
from domain.running_timer import running_timers as running_timers
from domain.timer_causes import (
    cancelled,
    ended_by,
    extended,
    followed,
    fulfilled,
    paused,
    resumed,
    started,
)
from domain.timer_events import (
    TIMERS,
    SlaBreached,
    SlaEscalated,
    SlaWarningReached,
    TimerEvent,
)
from domain.timer_events import SlaTimersStarted as SlaTimersStarted

_TIMER_TYPES = frozenset(cls.__name__ for cls in TIMERS)
_KEY_TYPES = frozenset({SubjectKeyCreated.__name__})


def is_timer_event(type_name: str) -> bool:
    return type_name in _TIMER_TYPES


def is_fact(type_name: str) -> bool:
    """Whether a stored event is one that an aggregate's `evolve` folds."""
    return type_name not in _TIMER_TYPES and type_name not in _KEY_TYPES


def with_timers(
    running: Mapping[UUID, Timer],
    facts: Sequence[Event],
    *,
    rules: Rulebook,
    case: Circumstances,
    stream: UUID,
) -> list[tuple[Event, int]]:
    """The facts in their order with the timer events they cause, each with its cause's index.

    `case` is what was known before the first of them. What fell due before a fact is noted before
    it; what the fact fulfils, moves, ends, starts, pauses and resumes comes after it, in this
    order, and then the warnings of that very instant (R7). Raises CalendarNeverOpens.
    """
    timers = dict(running)
    placed: list[tuple[Event, int]] = []
    for index, fact in enumerate(facts):
        before = due_before(timers, fact.at)
        for event in before:
            fold(timers, event)
        known = case.after(fact)
        if _is_part_of_resolving(fact, facts[index + 1 :]):
            known = replace(known, known=case.known)
        caused = list(_caused(timers, fact, rules, case, known, stream))
        caused += _note(timers, due_before(timers, fact.at))
        caused += _note(timers, list(_warnings(timers, fact.at, at_that_instant=True)))
        placed += [(event, index) for event in (*before, fact, *caused)]
        case = known
    return placed


def _is_part_of_resolving(fact: Event, rest: Sequence[Event]) -> bool:
    """Whether a wait ends only because its case is resolved: nothing is counted in between."""
    return (
        type(fact).__name__ == "TicketWaitingEnded"
        and bool(rest)
        and type(rest[0]).__name__ == "TicketResolved"
        and rest[0].at == fact.at
    )


def _caused(
    timers: dict[UUID, Timer],
    fact: Event,
    rules: Rulebook,
    case: Circumstances,
    known: Circumstances,
    stream: UUID,
) -> Iterator[TimerEvent]:
    ended = ended_by(timers, fact, rules)
    yield from _note(timers, fulfilled(timers, fact, rules, ended))
    yield from _note(timers, extended(timers, fact))
    yield from _note(timers, followed(timers, fact, rules, case, known))
    yield from _note(timers, cancelled(timers, fact, rules))
    yield from _note(timers, resumed(timers, fact, rules, known))
    yield from _note(timers, started(timers, fact, rules, case, stream, ended))
    yield from _note(timers, paused(timers, fact, rules, known))


def _note(timers: dict[UUID, Timer], events: Iterable[TimerEvent]) -> Iterator[TimerEvent]:
    """Each event is folded before the next is asked for."""
    for event in events:
        fold(timers, event)
        yield event


def settled(timers: Mapping[UUID, Timer], at: datetime) -> Mapping[UUID, Timer]:
    """The timers with all that fell due before `at` noted."""
    noted = dict(timers)
    for event in due_before(timers, at):
        fold(noted, event)
    return noted


def due_before(
    timers: Mapping[UUID, Timer], at: datetime
) -> list[SlaWarningReached | SlaBreached | SlaEscalated]:
    """What is to be noted of what fell due before `at`, the earliest first: warnings, breaches and
    the steps of escalations. Due at `at` itself is still in time (R5)."""
    breaches = list(_breaches(timers, at))
    late = {breach.timer for breach in breaches}
    found: list[SlaWarningReached | SlaBreached | SlaEscalated] = [
        *_warnings(timers, at),
        *breaches,
        *_escalations(timers, at, late),
    ]
    rank = (SlaWarningReached, SlaBreached, SlaEscalated)
    return sorted(found, key=lambda event: (event.at, rank.index(type(event)), event.rule))


def _warnings(
    timers: Mapping[UUID, Timer], at: datetime, *, at_that_instant: bool = False
) -> Iterator[SlaWarningReached]:
    for timer in timers.values():
        if timer.ended or (timer.deadline is None and not timer.plan):
            continue
        for milestone in timer.plan:
            reached = milestone.at == at if at_that_instant else milestone.at < at
            if milestone.to is None and reached:
                yield SlaWarningReached(
                    timer=timer.id,
                    metric=timer.promise.metric,
                    rule=timer.rule,
                    clause=timer.promise.clause,
                    due_at=timer.deadline or milestone.at,
                    milestone=milestone.name,
                    at=milestone.at,
                )


def _breaches(timers: Mapping[UUID, Timer], at: datetime) -> Iterator[SlaBreached]:
    for timer in timers.values():
        due = timer.deadline
        if due is not None and due < at and not (timer.breached or timer.ended):
            yield SlaBreached(
                timer=timer.id,
                metric=timer.promise.metric,
                rule=timer.rule,
                clause=timer.promise.clause,
                due_at=due,
                at=due,
            )


def _escalations(
    timers: Mapping[UUID, Timer], at: datetime, late: set[UUID]
) -> Iterator[SlaEscalated]:
    for timer in timers.values():
        if timer.ended or timer.deadline is None or not (timer.breached or timer.id in late):
            continue
        for step in timer.plan:
            if step.to is not None and step.at < at:
                yield SlaEscalated(
                    timer=timer.id,
                    metric=timer.promise.metric,
                    rule=timer.rule,
                    clause=timer.promise.clause,
                    due_at=timer.deadline,
                    milestone=step.name,
                    to=step.to,
                    at=step.at,
                )
