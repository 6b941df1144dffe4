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
    SlaBreached,
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


def fold(rows: Rows[TimerRow], entry: Entry) -> None:
    event = cast("TimerEvent", entry.event)
    match event:
        case SlaTimersStarted():
            for started in event.timers:
                rows[started.timer] = _started(started, entry)
        case SlaTimersPaused():
            for paused in event.timers:
                row = rows[paused.timer]
                row.state, row.due_at, row.left_seconds = PAUSED, None, paused.left_seconds
        case SlaTimersResumed():
            for resumed in event.timers:
                row = rows[resumed.timer]
                row.state, row.due_at, row.left_seconds = RUNNING, resumed.due_at, None
        case SlaTimersRetargeted():
            for moved in event.timers:
                rows[moved.timer].due_at = moved.due_at
        case SlaTimersFulfilled():
            for kept in event.timers:
                _fulfilled(rows[kept.timer], kept, entry.origin)
        case SlaTimersCancelled():
            for timer in event.timers:
                rows[timer].state, rows[timer].cancelled_at = CANCELLED, event.at
        case SlaWarningReached():
            rows[event.timer].warned_at = event.at
        case SlaBreached():
            row = rows[event.timer]
            row.state, row.breached_at = BREACHED, event.due_at
            row.breach_recorded_at = entry.origin.recorded_at
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
    )


def _fulfilled(row: TimerRow, kept: FulfilledTimer, origin: Origin) -> None:
    """Told late and done in time takes a noted breach back; done late is one, noted or not."""
    row.fulfilled_at = kept.fulfilled_at
    if not kept.breached:
        row.state, row.breached_at, row.breach_recorded_at = FULFILLED, None, None
        return
    row.state = BREACHED
    row.breached_at = row.breached_at or kept.due_at
    row.breach_recorded_at = row.breach_recorded_at or origin.recorded_at


def keys(entry: Entry) -> Iterable[Key]:
    event = cast("TimerEvent", entry.event)
    match event:
        case SlaBreached() | SlaWarningReached():
            return (event.timer,)
        case SlaTimersStarted():
            return ()
        case SlaTimersCancelled():
            return event.timers
        case _:
            return tuple(timer.timer for timer in event.timers)


SLA_TIMERS = Projection(
    name="sla_timers",
    version=1,
    table=Table(
        name="sla_timers",
        says="Every promise by time: the rule behind it, when it falls due, whether it was kept",
        row=TimerRow,
        key=("timer",),
        indexes=(
            f"(due_at) WHERE state = '{RUNNING}'",
            f"(breached_at) WHERE state = '{BREACHED}'",
            "(stream)",
        ),
    ),
    on=TIMERS,
    keys=keys,
    fold=fold,
    shows=("kind", "market", "recorded_at"),
)
