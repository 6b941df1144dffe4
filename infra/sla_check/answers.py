"""What became of a case's promise, in the fields of the format: from events, and from rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.policy.rulebook import Rulebook
from domain.policy.target import counts, target_from
from domain.running_timer import End, Timer
from domain.timer_events import SlaTimersFulfilled, SlaWarningReached, TimerEvent
from domain.working_time import next_open
from projections.sla_timers import TimerRow

MINUTE = timedelta(minutes=1)
AGREED = ("status", "due_at", "breached_at", "fulfilled_at", "elapsed_minutes", "instance")
"""What events and rows both tell, and must tell alike."""


def not_started() -> dict[str, Any]:
    return {"status": "not_started", "due_at": None, "instance": 0, "cycles": []}


def from_events(
    timers: Sequence[Timer],
    told: Sequence[TimerEvent],
    rules: Rulebook,
    as_of: datetime,
    *,
    in_hours: bool = False,
) -> dict[str, Any]:
    """The latest cycle of the promise, and those before it. `in_hours`: people are told of a
    breach during opening hours."""
    if not timers:
        return not_started()
    latest = timers[-1]
    amount, status = latest.amount, _status(latest)
    found: dict[str, Any] = {
        "status": status,
        "instance": latest.promise.cycle,
        "due_at": None if status in ("paused", "cancelled") else latest.due_at,
        "elapsed_minutes": latest.counted(rules.calendar_named, as_of) // MINUTE,
        "milestones": _milestones(latest, told),
        "cycles": _cycles(timers, told),
    }
    found["warn_at"] = next(
        (at for name, at in found["milestones"].items() if isinstance(name, str)), None
    )
    if latest.breached:
        found["breached_at"] = latest.deadline
    if latest.end is End.FULFILLED:
        found["fulfilled_at"] = latest.ended_at
    elif latest.end is None and amount is not None:
        found["remaining_minutes"] = amount // MINUTE - found["elapsed_minutes"]
    if in_hours and found["due_at"] is not None:
        found["notify_at"] = next_open(rules.calendar_named(latest.calendar), found["due_at"])
    return found


def from_row(row: TimerRow, rules: Rulebook, as_of: datetime) -> dict[str, Any]:
    """What an analyst finds in `sla_timers`, and one query away from it."""
    elapsed = timedelta(seconds=row.elapsed_seconds)
    if row.counting_since is not None:
        calendar = rules.calendar_named(row.calendar)
        elapsed += counts(target_from(row.target), calendar, row.counting_since, as_of)
    status = {"running": "active", "fulfilled": "achieved"}.get(row.state, row.state)
    found: dict[str, Any] = {
        "status": status,
        "instance": row.cycle,
        "due_at": None if status in ("paused", "cancelled") else row.due_at,
        "elapsed_minutes": elapsed // MINUTE,
    }
    if row.breached_at is not None:
        found["breached_at"] = row.breached_at
    if row.fulfilled_at is not None:
        found["fulfilled_at"] = row.fulfilled_at
    return found


def _status(timer: Timer) -> str:
    if timer.breached:
        return "breached"
    if timer.end is not None:
        return "achieved" if timer.end is End.FULFILLED else "cancelled"
    return "paused" if timer.paused else "active"


def _cycles(timers: Sequence[Timer], told: Sequence[TimerEvent]) -> list[dict[str, Any]]:
    """Every time the promise was fulfilled, also one that was opened again."""
    numbers = {timer.id: timer.promise.cycle for timer in timers}
    return [
        {
            "instance": numbers[kept.timer],
            "status": "breached" if kept.breached else "achieved",
            "elapsed_minutes": (kept.elapsed_seconds or 0) // 60,
        }
        for event in told
        if isinstance(event, SlaTimersFulfilled)
        for kept in event.timers
        if kept.timer in numbers
    ]


def _milestones(timer: Timer, told: Sequence[TimerEvent]) -> Mapping[int | str, datetime]:
    """When each warning was, or will be: by per cent, or by the name of one in minutes before."""
    warnings = [event for event in told if isinstance(event, SlaWarningReached)]
    reached = [(event.milestone, event.at) for event in warnings if event.timer == timer.id]
    planned = [(milestone.name, milestone.at) for milestone in timer.plan if milestone.to is None]
    return {int(name[:-1]) if name.endswith("%") else name: at for name, at in [*planned, *reached]}
