"""A running promise under another rule or calendar: what moves, and to when.

It follows its case only where its rule says so, and a new version of a policy or a calendar only
when somebody moves it there. A breach is never undone (R8); a promised day stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from domain.circumstances import Circumstances
from domain.event import Event
from domain.opening_hours import Calendar
from domain.policy.deadline import DeadlineRule, OnChange, received
from domain.policy.rulebook import Rulebook
from domain.promising import planned
from domain.running_timer import Span, Timer
from domain.timer_events import (
    Move,
    RetargetedTimer,
    SlaTimersCancelled,
    SlaTimersRetargeted,
    TimerEvent,
)

FOLLOWED = (Move.TIER, Move.PRIORITY, Move.TEAM, Move.CATEGORY)


def followed(
    timers: Mapping[UUID, Timer],
    fact: Event,
    rules: Rulebook,
    case: Circumstances,
    known: Circumstances,
) -> Iterator[TimerEvent]:
    """What moves because a fact changed what its rule was chosen by, or whose calendar it is."""
    if not case.seen:
        return
    changed = {name for name in known.known if known.known[name] != case.known.get(name)}
    moved: list[RetargetedTimer] = []
    gone: list[Timer] = []
    for timer in _movable(timers):
        rule = rules.rule(timer.policy, timer.rule)
        if rule is None:
            continue
        follows = {name for name, what in rule.on_change.items() if what is OnChange.RETARGET}
        if Move.MARKET in changed & follows:
            calendar = rules.calendar_for(known, rule.calendar, fact.at)
            if calendar.name != timer.calendar:
                moved.append(recounted(timer, rule, rules, calendar, fact.at, Move.MARKET))
        cause = next((cause for cause in FOLLOWED if cause in changed & follows), None)
        if cause is not None:
            other = successor(timer, rules, known, rule.pack.name)
            if other is None:
                gone.append(timer)
            elif other.id != timer.rule:
                moved.append(retargeted(timer, other, rules, fact.at, cause))
    stamp = {"at": fact.at, "at_precision": fact.at_precision}
    if moved:
        yield SlaTimersRetargeted(timers=tuple(moved), **stamp)  # type: ignore[arg-type]
    if gone:
        yield _cancelling(gone, rules, fact.at, type(fact).__name__)


def moved_to_policy(
    timers: Mapping[UUID, Timer], rules: Rulebook, case: Circumstances, at: datetime, policy: str
) -> list[TimerEvent]:
    """Running promises of a policy under another version of it, by name@version; one that this
    version does not make is cancelled."""
    moved, gone = [], []
    for timer in _movable(timers):
        if timer.policy == policy or timer.policy.split("@")[0] != policy.split("@")[0]:
            continue
        other = successor(timer, rules, case, policy)
        if other is None:
            gone.append(timer)
        else:
            moved.append(retargeted(timer, other, rules, at, Move.POLICY))
    return _events(moved, gone, rules, at, "policy")


def moved_to_calendar(
    timers: Mapping[UUID, Timer], rules: Rulebook, at: datetime, calendar: Calendar
) -> list[TimerEvent]:
    """Running promises that count by another version of this calendar, counted anew by this one."""
    moved = []
    for timer in _movable(timers):
        rule = rules.rule(timer.policy, timer.rule)
        same = timer.calendar.split("@")[0] == calendar.name.split("@")[0]
        if rule is not None and same and timer.calendar != calendar.name:
            moved.append(recounted(timer, rule, rules, calendar, at, Move.CALENDAR))
    return _events(moved, [], rules, at, "calendar")


def successor(
    timer: Timer, rules: Rulebook, case: Circumstances, policy: str
) -> DeadlineRule | None:
    """The rule of a policy that now makes this promise; of several the one that asks for most."""
    calendar = rules.calendar_named(timer.calendar)
    began = received(calendar, Event(at=timer.promise.started_at))
    found = [
        rule
        for rule in rules.rules
        if rule.pack.name == policy
        and rule.metric == timer.promise.metric
        and rule.target is not None
        and rule.inactive is None
        and rule.suits(case)
        and rule.hours in (None, began)
    ]
    return max(found, key=lambda rule: (len(rule.when), rule.id == timer.rule), default=None)


def retargeted(
    timer: Timer, rule: DeadlineRule, rules: Rulebook, at: datetime, cause: Move
) -> RetargetedTimer:
    target = rule.target
    assert target is not None, "a rule without a number makes no promise"
    calendars = rules.calendar_named
    then = replace(timer, written=str(target), allowed=None)
    if rule.retarget.from_change:
        span = Span(calendar=timer.calendar, start=at, end=at if timer.paused else None)
        then = replace(then, spans=(span,))
    counted, allowed, amount = then.counted(calendars, at), None, then.amount
    if amount is not None and rule.retarget.floor and counted >= amount:
        amount = counted + timedelta(minutes=rule.retarget.grace_minutes)
        allowed = round(amount.total_seconds())
        then = replace(then, allowed=amount)
    if amount is not None:
        due = then.reached(calendars, amount)
    else:
        due = target.due(calendars(timer.calendar), Event(at=timer.promise.started_at))
    return RetargetedTimer(
        timer=timer.id,
        old_due_at=timer.due_at,
        due_at=due,
        cause=cause,
        policy=rule.pack.name,
        rule=rule.id,
        target=str(target),
        counts_from=at if rule.retarget.from_change else None,
        allowed_seconds=allowed,
        left_seconds=None if amount is None else round((amount - counted).total_seconds()),
        elapsed_seconds=round(counted.total_seconds()),
        plan=planned(then, rule, calendars, due, at) or None,
    )


def recounted(
    timer: Timer, rule: DeadlineRule, rules: Rulebook, calendar: Calendar, at: datetime, cause: Move
) -> RetargetedTimer:
    """By another calendar: from the beginning on, or, where its market changed, from now on. What
    had been counted is never too much: the time is over now at the earliest."""
    calendars = rules.calendar_named
    if cause is Move.CALENDAR:
        spans = tuple(replace(span, calendar=calendar.name) for span in timer.spans)
    else:
        last = timer.spans[-1]
        kept = timer.spans if timer.paused else (*timer.spans[:-1], replace(last, end=at))
        end = at if timer.paused else None
        spans = (*kept, Span(calendar=calendar.name, start=at, end=end))
    then = replace(timer, spans=spans)
    amount, counted = timer.amount, then.counted(calendars, at)
    due = timer.deadline if amount is None else then.reached(calendars, amount)
    if due is not None and amount is not None:
        due = max(due, at)
    return RetargetedTimer(
        timer=timer.id,
        old_due_at=timer.due_at,
        due_at=due,
        cause=cause,
        calendar=calendar.name,
        left_seconds=None if amount is None else round((amount - counted).total_seconds()),
        elapsed_seconds=round(counted.total_seconds()),
        plan=planned(then, rule, calendars, due, at) or None,
    )


def _movable(timers: Mapping[UUID, Timer]) -> Iterable[Timer]:
    return [timer for timer in timers.values() if not (timer.ended or timer.breached)]


def _events(
    moved: list[RetargetedTimer], gone: list[Timer], rules: Rulebook, at: datetime, cause: str
) -> list[TimerEvent]:
    events: list[TimerEvent] = []
    if moved:
        events.append(SlaTimersRetargeted(timers=tuple(moved), at=at))
    if gone:
        events.append(_cancelling(gone, rules, at, cause))
    return events


def _cancelling(gone: list[Timer], rules: Rulebook, at: datetime, cause: str) -> SlaTimersCancelled:
    counted = (timer.counted(rules.calendar_named, at) for timer in gone)
    return SlaTimersCancelled(
        timers=tuple(timer.id for timer in gone),
        cause=cause,
        elapsed_seconds=tuple(round(time.total_seconds()) for time in counted),
        at=at,
    )
