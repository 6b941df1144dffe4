"""A promise as it is made: its due time, and what is to be noted on the way there."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from domain.circumstances import Circumstances
from domain.event import Event
from domain.opening_hours import Calendar
from domain.policy.deadline import DeadlineRule
from domain.policy.target import counts, is_provisional, reaches
from domain.running_timer import Calendars, Span, Timer
from domain.terms import Tier
from domain.timer_events import Milestone, StartedTimer
from domain.wall_clock import MINUTE
from domain.working_time import next_open


def promise(
    rule: DeadlineRule,
    trigger: Event,
    calendar: Calendar,
    *,
    case: Circumstances,
    stream: UUID,
    cycle: int,
    since: datetime | None = None,
) -> StartedTimer:
    """`case` is as known with the trigger; `since`: what is owed is older than it, and yet never
    due before it."""
    assert rule.target is not None, "a rule without a number starts nothing"
    start = trigger if since is None else Event(at=since)
    due = rule.target.due(calendar, start)
    if since is not None:
        due = max(due, trigger.at)
    tier = case.known.get("tier")
    begun = StartedTimer(
        timer=uuid5(stream, f"{rule.id}:{cycle}"),
        cycle=cycle,
        metric=rule.metric,
        rule=rule.id,
        clause=rule.clause,
        policy=rule.pack.name,
        calendar=calendar.name,
        target=str(rule.target),
        tier=None if tier is None else Tier(tier),
        started_at=start.at,
        due_at=due,
        fulfilled_by=" ".join(rule.fulfilled_by),
        extended_by=rule.extended_by,
        channel=case.known.get("channel"),
        team=case.known.get("team"),
        provisional=is_provisional(rule.target, calendar, start.at, due) or None,
        notify_at=next_open(calendar, due) if rule.notify_in_hours else None,
    )
    timer = Timer(
        promise=begun,
        policy=begun.policy,
        rule=begun.rule,
        written=begun.target,
        deadline=due,
        spans=(Span(calendar=calendar.name, start=start.at),),
    )
    plan = planned(timer, rule, lambda _: calendar, due, since and trigger.at)
    return StartedTimer(**{**vars(begun), "plan": plan}) if plan else begun


def planned(
    timer: Timer,
    rule: DeadlineRule,
    calendars: Calendars,
    due: datetime | None,
    since: datetime | None = None,
) -> tuple[Milestone, ...]:
    """What is still to be noted if nothing else happens, and when; none of it before `since`. A
    share of the time is rounded up to whole minutes."""
    if due is None or not (rule.warn or rule.escalate):
        return ()
    calendar = calendars(timer.calendar)
    allowed = timer.amount
    if allowed is None:
        allowed = counts(timer.target, calendar, timer.promise.started_at, due)
    found = []
    for notice in rule.warn:
        if notice.percent is not None:
            gone = -(-allowed * notice.percent // (100 * MINUTE)) * MINUTE
        else:
            gone = allowed - timedelta(minutes=notice.before_minutes or 0)
        at = timer.reached(calendars, max(gone, timedelta()))
        if at is not None and notice.name not in timer.noted:
            found.append(Milestone(name=notice.name, at=at if since is None else max(at, since)))
    for step in rule.escalate:
        name = f"{step.after_minutes}m after: {step.to}"
        at = reaches(timer.target, calendar, due, timedelta(minutes=step.after_minutes))
        if name not in timer.noted:
            found.append(Milestone(name=name, at=at, to=step.to))
    return tuple(found)
