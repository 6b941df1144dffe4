"""What one fact does to the timers of its case: a function per kind of effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

from domain.circumstances import Circumstances
from domain.event import Event
from domain.policy.deadline import DeadlineRule, OnReopen
from domain.policy.rulebook import Rulebook
from domain.promising import planned, promise
from domain.retargeting import followed as followed
from domain.running_timer import End, Span, Timer
from domain.timer_events import (
    FulfilledTimer,
    Move,
    PausedTimer,
    ResumedTimer,
    RetargetedTimer,
    SlaBreachRetracted,
    SlaTimersCancelled,
    SlaTimersFulfilled,
    SlaTimersPaused,
    SlaTimersResumed,
    SlaTimersRetargeted,
    SlaTimersStarted,
    StartedTimer,
    TimerEvent,
)

ENDS = frozenset({"TicketClosed", "ComplaintClosed"})
"""Facts after which nothing is owed any more in their case."""
MERGES = frozenset({"TicketMerged"})
"""Facts after which what is owed is owed in another case."""
REOPENS = frozenset({"TicketReopened", "ComplaintReopened"})


@runtime_checkable
class Agreement(Protocol):
    """A fact that names a time agreed with the customer."""

    agreed_due: datetime


@runtime_checkable
class Backdated(Protocol):
    """A fact that brings something older with it; None: nothing that is owed."""

    owed_since: datetime | None


def ended_by(timers: Mapping[UUID, Timer], fact: Event, rules: Rulebook) -> list[Timer]:
    """The running timers that the fact fulfils."""
    name = type(fact).__name__
    found = []
    for timer in running(timers):
        rule = rules.rule(timer.policy, timer.rule)
        if rule is None:
            kept = name in timer.promise.fulfilled_by.split()
        else:
            kept = rule.is_fulfilled_by(fact)
        if kept:
            found.append(timer)
    return found


def fulfilled(
    timers: Mapping[UUID, Timer], fact: Event, rules: Rulebook, ended: Sequence[Timer]
) -> Iterator[TimerEvent]:
    """A fact of which only the day is known is in time if the day had begun by the due time."""
    kept = []
    for timer in ended:
        late = timer.deadline is not None and timer.due_at is not None and timer.deadline < fact.at
        if timer.breached and not late and timer.deadline is not None:
            yield SlaBreachRetracted(
                timer=timer.id,
                due_at=timer.deadline,
                fulfilled_at=fact.at,
                at=fact.at,
                at_precision=fact.at_precision,
            )
        kept.append(
            FulfilledTimer(
                timer=timer.id,
                due_at=timer.due_at,
                fulfilled_at=fact.at,
                breached=late,
                elapsed_seconds=_elapsed(timer, rules, fact.at),
            )
        )
    if kept:
        yield SlaTimersFulfilled(timers=tuple(kept), at=fact.at, at_precision=fact.at_precision)


def extended(timers: Mapping[UUID, Timer], fact: Event) -> Iterator[TimerEvent]:
    """A breach is never undone by a later agreement (R8)."""
    name = type(fact).__name__
    if not isinstance(fact, Agreement):
        return
    moved = tuple(
        RetargetedTimer(
            timer=timer.id, old_due_at=timer.due_at, due_at=fact.agreed_due, cause=Move.AGREED
        )
        for timer in running(timers)
        if timer.promise.extended_by == name
        and not timer.breached
        and timer.due_at not in (None, fact.agreed_due)
    )
    if moved:
        yield SlaTimersRetargeted(timers=moved, at=fact.at, at_precision=fact.at_precision)


def cancelled(timers: Mapping[UUID, Timer], fact: Event, rules: Rulebook) -> Iterator[TimerEvent]:
    """What the end of its case, or `until`, takes away. A breach stays what it is."""
    name = type(fact).__name__
    gone = []
    for timer in running(timers):
        rule = rules.rule(timer.policy, timer.rule)
        merged = name in MERGES and (rule is None or rule.ends_on_merge)
        over = rule is not None and name in rule.until
        if (name in ENDS or merged or over) and not timer.breached:
            gone.append(timer)
    if gone:
        yield SlaTimersCancelled(
            timers=tuple(timer.id for timer in gone),
            cause=name,
            elapsed_seconds=tuple(_elapsed(timer, rules, fact.at) for timer in gone),
            at=fact.at,
            at_precision=fact.at_precision,
        )


def paused(
    timers: Mapping[UUID, Timer], fact: Event, rules: Rulebook, case: Circumstances
) -> Iterator[TimerEvent]:
    """R6: while its case waits for what the rule names, a timer counts nothing."""
    stopped = []
    for timer in running(timers):
        if timer.paused or not _waits(timer, rules, case):
            continue
        elapsed, amount = timer.counted(rules.calendar_named, fact.at), timer.amount
        left = None if amount is None else round((amount - elapsed).total_seconds())
        stopped.append(
            PausedTimer(
                timer=timer.id,
                left_seconds=left,
                elapsed_seconds=round(elapsed.total_seconds()),
            )
        )
    if stopped:
        yield SlaTimersPaused(timers=tuple(stopped), at=fact.at, at_precision=fact.at_precision)


def resumed(
    timers: Mapping[UUID, Timer], fact: Event, rules: Rulebook, case: Circumstances
) -> Iterator[TimerEvent]:
    """What waits no longer, and what was fulfilled in time and is opened again."""
    again = []
    for timer in timers.values():
        waited = timer.paused and not _waits(timer, rules, case)
        if waited or _opened_again(timer, fact, rules):
            again.append(_resumption(timer, rules, fact.at))
    if again:
        yield SlaTimersResumed(timers=tuple(again), at=fact.at, at_precision=fact.at_precision)


def started(
    timers: Mapping[UUID, Timer],
    fact: Event,
    rules: Rulebook,
    case: Circumstances,
    stream: UUID,
    ended: Sequence[Timer],
) -> Iterator[TimerEvent]:
    """A rule whose timer still runs is not started a second time."""
    candidates = _candidates(timers, fact, rules, ended)
    if not candidates:
        return
    known = case.after(fact)
    since = fact.owed_since if isinstance(fact, Backdated) else None
    promises: list[StartedTimer] = []
    for rule in candidates:
        if not rule.suits(known):
            continue  # Of a hundred rows by category one is in question, and has hours to look up.
        calendar = rules.calendar_for(known, rule.calendar, fact.at)
        earlier = [timer for timer in timers.values() if timer.rule == rule.id]
        if all(timer.ended for timer in earlier) and rule.binds(fact, calendar, case):
            known_as = [(timer.promise.rule, timer.rule) for timer in timers.values()]
            cycle = sum(rule.id in names for names in known_as) + 1
            promises.append(
                promise(rule, fact, calendar, case=known, stream=stream, cycle=cycle, since=since)
            )
    if promises:
        yield SlaTimersStarted(timers=tuple(promises), at=fact.at, at_precision=fact.at_precision)


def running(timers: Mapping[UUID, Timer]) -> list[Timer]:
    return [timer for timer in timers.values() if not timer.ended]


def _candidates(
    timers: Mapping[UUID, Timer], fact: Event, rules: Rulebook, ended: Sequence[Timer]
) -> list[DeadlineRule]:
    """The rules that a fact may start: as their trigger, as what their promise was kept by and is
    made anew, or as what opens their case again."""
    name = type(fact).__name__
    found = [] if _brings_nothing(fact) else list(rules.started_by.get(name, ()))
    for timer in ended:
        rule = rules.rule(timer.policy, timer.rule)
        if rule is not None and rule.rolling and name not in rule.until:
            found.append(rule)
    if name in REOPENS:
        latest = {timer.rule: timer for timer in timers.values()}
        for timer in latest.values():
            rule = rules.rule(timer.policy, timer.rule)
            if rule is not None and timer.end is End.FULFILLED:
                found += [rule] if rule.on_reopen is OnReopen.RESTART else []
    return list({(rule.pack.name, rule.id): rule for rule in found}.values())


def _brings_nothing(fact: Event) -> bool:
    return isinstance(fact, Backdated) and fact.owed_since is None


def _opened_again(timer: Timer, fact: Event, rules: Rulebook) -> bool:
    if type(fact).__name__ not in REOPENS or timer.end is not End.FULFILLED or timer.breached:
        return False
    rule = rules.rule(timer.policy, timer.rule)
    return rule is not None and rule.on_reopen is OnReopen.RESUME


def _resumption(timer: Timer, rules: Rulebook, at: datetime) -> ResumedTimer:
    calendars = rules.calendar_named
    spans = (*timer.spans, Span(calendar=timer.calendar, start=at))
    then, amount = replace(timer, spans=spans, end=None), timer.amount
    due = timer.deadline if amount is None else then.reached(calendars, amount)
    assert due is not None, "what runs is due some time"
    rule = rules.rule(timer.policy, timer.rule)
    plan = () if rule is None else planned(then, rule, calendars, due, at)
    return ResumedTimer(timer=timer.id, due_at=due, plan=plan or None)


def _waits(timer: Timer, rules: Rulebook, case: Circumstances) -> bool:
    rule = rules.rule(timer.policy, timer.rule)
    return rule is not None and case.waiting_for in rule.pause_on


def _elapsed(timer: Timer, rules: Rulebook, at: datetime) -> int:
    return round(timer.counted(rules.calendar_named, at).total_seconds())
