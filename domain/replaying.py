"""The recorded history of a case, decided again under rules that may be others. Writes nothing.

What people decided is not decided again: a move to another version and an excuse stand where they
stood, for the promises that are there. When somebody looked at what was due, it is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from typing import TypeGuard, cast
from uuid import UUID

from domain.circumstances import Circumstances, circumstances
from domain.event import Event, Recorded
from domain.policy.rulebook import Rulebook
from domain.running_timer import Timer, fold
from domain.timer_events import (
    Move,
    SlaBreached,
    SlaBreachExcused,
    SlaEscalated,
    SlaTimersCancelled,
    SlaTimersRetargeted,
    SlaWarningReached,
    TimerEvent,
)
from domain.timers import due_before, is_fact, is_timer_event, with_timers

Due = SlaWarningReached | SlaBreached | SlaEscalated
FOR_EVER = datetime(9000, 1, 1, tzinfo=UTC)


Rules = Callable[[int], Rulebook]
"""The rules by the position of what is decided under them."""


def replayed(
    history: Sequence[Recorded[Event]], rules: Rules, without: frozenset[Move] = frozenset()
) -> list[TimerEvent]:
    """The timer events of a stream in their order, were each append decided under these rules.
    Under those it was decided under they are the recorded ones. `without`: decisions for one of
    these reasons are left out. Raises CalendarNeverOpens."""
    timers: dict[UUID, Timer] = {}
    case: Circumstances | None = None
    found: list[TimerEvent] = []
    market = history[0].header.market if history else None
    for append in _appends(history):
        case = circumstances((), market) if case is None else case
        facts = [one.event for one in append if is_fact(one.header.type)]
        if facts:
            events = _decided(timers, facts, rules, case, append)
        else:
            events = _noted(timers, append, without)
        for event in events:
            fold(timers, event)
            found.append(event)
        for fact in facts:
            case = case.after(fact)
    return found


def recorded_timer_events(history: Iterable[Recorded[Event]]) -> list[TimerEvent]:
    return [cast("TimerEvent", one.event) for one in history if is_timer_event(one.header.type)]


def _appends(history: Sequence[Recorded[Event]]) -> Iterator[list[Recorded[Event]]]:
    """What was recorded together was decided together."""
    for _, events in groupby(history, key=lambda one: one.header.command_id):
        yield list(events)


def _decided(
    timers: Mapping[UUID, Timer],
    facts: Sequence[Event],
    rules: Rules,
    case: Circumstances,
    append: Sequence[Recorded[Event]],
) -> list[TimerEvent]:
    header = append[0].header
    placed = with_timers(
        timers, facts, rules=rules(header.position), case=case, stream=header.stream
    )
    return [event for event, _ in placed if _is_of_timers(event)]


def _noted(
    timers: Mapping[UUID, Timer], append: Sequence[Recorded[Event]], without: frozenset[Move]
) -> list[TimerEvent]:
    """An append without a fact: what was due was noted, and something may have been decided."""
    known = dict(timers)
    noted, looked_at = [], append[0].header.recorded_at
    events = recorded_timer_events(append)
    due = [event for event in events if isinstance(event, Due)]
    coming = due_before(known, FOR_EVER)
    # The clock of whoever looked is not on record; what they found is.
    again = coming[: len(due)] if coming[: len(due)] == due else due_before(known, looked_at)
    decided = (e for e in events if not isinstance(e, Due) and not _is_for(e, without))
    for event in (*again, *decided):
        standing = _for_those_there(event, known)
        if standing is not None:
            fold(known, standing)
            noted.append(standing)
    return noted


def _is_for(event: TimerEvent, reasons: frozenset[Move]) -> bool:
    match event:
        case SlaTimersRetargeted():
            return any(moved.cause in reasons for moved in event.timers)
        case SlaTimersCancelled():
            return event.cause in reasons
        case _:
            return False


def _for_those_there(event: TimerEvent, timers: Mapping[UUID, Timer]) -> TimerEvent | None:
    """A decision about the promises that it still concerns."""

    def open_now(id: UUID) -> bool:
        return id in timers and not (timers[id].ended or timers[id].breached)

    match event:
        case SlaTimersRetargeted():
            moved = tuple(one for one in event.timers if open_now(one.timer))
            return replace(event, timers=moved) if moved else None
        case SlaTimersCancelled():
            elapsed = event.elapsed_seconds
            kept = [n for n, id in enumerate(event.timers) if open_now(id)]
            if not kept:
                return None
            return replace(
                event,
                timers=tuple(event.timers[n] for n in kept),
                elapsed_seconds=None if elapsed is None else tuple(elapsed[n] for n in kept),
            )
        case SlaBreachExcused():
            there = event.timer in timers and timers[event.timer].breached
            return event if there else None
        case _:
            return event


def _is_of_timers(event: Event) -> TypeGuard[TimerEvent]:
    return is_timer_event(type(event).__name__)
