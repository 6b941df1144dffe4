"""The promises by time: one row per timer and cycle, and where it stands.

Truth is in the stream of each case; this is the index by due time. A running row past its due time
has been breached and not been noted yet, so whoever asks for breaches asks for both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never, cast
from uuid import UUID

from domain.timer_events import (
    TIMERS,
    FulfilledTimer,
    Milestone,
    PausedTimer,
    ResumedTimer,
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
from projections.projection import Entry, Origin, Projection, Rows
from projections.table import Key, Table

RUNNING, PAUSED, FULFILLED = "running", "paused", "fulfilled"
BREACHED, CANCELLED = "breached", "cancelled"


@dataclass(slots=True)
class TimerRow:
    timer: UUID
    stream: UUID
    kind: str
    customer: UUID
    market: str | None
    metric: str
    rule: str
    clause: str
    policy: str
    calendar: str
    target: str
    tier: str | None
    cycle: int
    started_at: datetime
    due_at: datetime | None
    state: str = RUNNING
    left_seconds: int | None = None
    fulfilled_at: datetime | None = None
    breached_at: datetime | None = None
    breach_recorded_at: datetime | None = None
    cancelled_at: datetime | None = None
    warned_at: datetime | None = None
    channel: str | None = None
    team: str | None = None
    provisional: bool = False
    counting_since: datetime | None = None
    elapsed_seconds: int = 0
    paused_seconds: int = 0
    paused_since: datetime | None = None
    moved: int = 0
    stands_until: datetime | None = None
    planned: list[datetime] | None = None
    next_at: datetime | None = None
    notify_at: datetime | None = None
    escalated_at: datetime | None = None
    escalated_to: str | None = None
    retracted_at: datetime | None = None
    excused_at: datetime | None = None


def fold(rows: Rows[TimerRow], entry: Entry) -> None:
    event = cast("TimerEvent", entry.event)
    match event:
        case SlaTimersStarted():
            for started in event.timers:
                rows[started.timer] = _started(started, entry)
        case SlaTimersPaused():
            for paused in event.timers:
                _paused(rows[paused.timer], paused, event.at)
        case SlaTimersResumed():
            for resumed in event.timers:
                _resumed(rows[resumed.timer], resumed, event.at)
        case SlaTimersRetargeted():
            for moved in event.timers:
                _moved(rows[moved.timer], moved, event.at)
        case SlaTimersFulfilled():
            for kept in event.timers:
                _fulfilled(rows[kept.timer], kept, entry.origin)
        case SlaTimersCancelled():
            for timer in event.timers:
                rows[timer].state, rows[timer].cancelled_at = CANCELLED, event.at
                _stopped(rows[timer], event.at)
            for timer, elapsed in zip(event.timers, event.elapsed_seconds or (), strict=False):
                rows[timer].elapsed_seconds = elapsed
        case SlaWarningReached():
            rows[event.timer].warned_at = event.at
            _noted(rows[event.timer], event.at)
        case SlaEscalated():
            row = rows[event.timer]
            row.escalated_at, row.escalated_to = event.at, event.to
            _noted(row, event.at)
        case SlaBreached():
            row = rows[event.timer]
            row.state, row.breached_at = BREACHED, event.due_at
            row.breach_recorded_at = entry.origin.recorded_at
            row.due_at = event.due_at
            _noted(row, event.due_at)
        case SlaBreachRetracted():
            rows[event.timer].retracted_at = entry.origin.recorded_at
        case SlaBreachExcused():
            rows[event.timer].excused_at = event.at
        case _:
            assert_never(event)


def _started(started: StartedTimer, entry: Entry) -> TimerRow:
    header, origin = entry.header, entry.origin
    return TimerRow(
        timer=started.timer,
        stream=header.stream,
        kind=origin.kind,
        customer=header.subject,
        market=origin.market,
        metric=started.metric,
        rule=started.rule,
        clause=started.clause,
        policy=started.policy,
        calendar=started.calendar,
        target=started.target,
        tier=started.tier,
        cycle=started.cycle,
        started_at=started.started_at,
        due_at=started.due_at,
        channel=started.channel,
        team=started.team,
        provisional=bool(started.provisional),
        counting_since=started.started_at,
        stands_until=None if _counted(started.target) else started.due_at,
        planned=_instants(started.plan),
        next_at=min([started.due_at, *_instants(started.plan)]),
        notify_at=started.notify_at,
    )


def _counted(target: str) -> bool:
    """Whether it is an amount of time, which a pause can stop; a promised day stands."""
    return target.startswith("PT")


def _instants(plan: tuple[Milestone, ...] | None) -> list[datetime]:
    return sorted(milestone.at for milestone in plan or ())


def _paused(row: TimerRow, paused: PausedTimer, at: datetime) -> None:
    if row.state != BREACHED:
        row.state, row.due_at = PAUSED, None
    row.left_seconds = paused.left_seconds
    row.elapsed_seconds = paused.elapsed_seconds or 0
    row.counting_since, row.planned = None, []
    row.paused_since = at
    _next(row)


def _resumed(row: TimerRow, resumed: ResumedTimer, at: datetime) -> None:
    if row.state != BREACHED:
        row.state, row.due_at = RUNNING, resumed.due_at
    _counts_again(row, at)
    row.fulfilled_at, row.left_seconds = None, None
    row.counting_since, row.planned = at, _instants(resumed.plan)
    _next(row)


def _moved(row: TimerRow, moved: RetargetedTimer, at: datetime) -> None:
    row.due_at, row.moved = moved.due_at, row.moved + 1
    row.policy, row.rule = moved.policy or row.policy, moved.rule or row.rule
    row.target, row.calendar = moved.target or row.target, moved.calendar or row.calendar
    if not _counted(row.target):
        row.stands_until = moved.due_at
    if moved.elapsed_seconds is not None:
        row.elapsed_seconds = moved.elapsed_seconds
        row.left_seconds = moved.left_seconds if row.state == PAUSED else None
        row.counting_since = None if row.state == PAUSED else at
    row.planned = _instants(moved.plan)
    _next(row)


def _noted(row: TimerRow, at: datetime) -> None:
    row.planned = [instant for instant in row.planned or [] if instant > at]
    _next(row)


def _stopped(row: TimerRow, at: datetime) -> None:
    _counts_again(row, at)
    row.counting_since, row.left_seconds, row.planned, row.next_at = None, None, [], None


def _counts_again(row: TimerRow, at: datetime) -> None:
    """A pause is counted once it is over; what ends it may be told late."""
    if row.paused_since is not None:
        row.paused_seconds += max(0, round((at - row.paused_since).total_seconds()))
        row.paused_since = None


def _next(row: TimerRow) -> None:
    """When something is to be noted of it: a breach, if it is not one yet, or what is planned."""
    due = row.stands_until or row.due_at
    waits = row.planned or []
    row.next_at = min(
        [*waits, *([] if row.state == BREACHED or due is None else [due])], default=None
    )


def _fulfilled(row: TimerRow, kept: FulfilledTimer, origin: Origin) -> None:
    """Told late and done in time takes a noted breach back; done late is one, noted or not."""
    row.fulfilled_at = kept.fulfilled_at
    row.elapsed_seconds = kept.elapsed_seconds or row.elapsed_seconds
    row.due_at = kept.due_at or row.due_at or row.stands_until
    _stopped(row, kept.fulfilled_at)
    if not kept.breached:
        row.state, row.breached_at, row.breach_recorded_at = FULFILLED, None, None
        return
    row.state = BREACHED
    row.breached_at = row.breached_at or kept.due_at
    row.breach_recorded_at = row.breach_recorded_at or origin.recorded_at


def keys(entry: Entry) -> Iterable[Key]:
    event = cast("TimerEvent", entry.event)
    match event:
        case (
            SlaBreached()
            | SlaWarningReached()
            | SlaEscalated()
            | SlaBreachRetracted()
            | SlaBreachExcused()
        ):
            return (event.timer,)
        case SlaTimersStarted():
            return ()
        case SlaTimersCancelled():
            return event.timers
        case _:
            return tuple(timer.timer for timer in event.timers)


SLA_TIMERS = Projection(
    name="sla_timers",
    version=2,
    table=Table(
        name="sla_timers",
        says="Every promise by time: the rule behind it, when it falls due, whether it was kept",
        row=TimerRow,
        key=("timer",),
        indexes=(
            f"(due_at, timer) WHERE state = '{RUNNING}'",
            "(next_at, timer) WHERE next_at IS NOT NULL",
            f"(due_at, timer) WHERE breached_at IS NOT NULL OR state = '{RUNNING}'",
            "(stream)",
        ),
    ),
    on=TIMERS,
    keys=keys,
    fold=fold,
    parks_by="stream",
    shows=("kind", "market", "recorded_at"),
)
