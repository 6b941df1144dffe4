"""Duties: a row per period, and whether what it asks for was done.

Truth is in the stream of each period; this is the index by due time. `open` past its due time has
been missed and not been noted yet. Done late is `late`, and `missed_at` stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never, cast, get_args
from uuid import UUID

from domain.duty.events import DutyEvent, DutyMissed, DutyPerformed, DutyPeriodOpened
from projections.projection import Entry, Projection, Rows
from projections.table import Table

OPEN, PERFORMED, MISSED, LATE = "open", "performed", "missed", "late"


@dataclass(slots=True)
class DutyRow:
    stream: UUID
    duty: str
    rule: str
    clause: str
    policy: str
    per: str
    whose: str | None
    market: str | None
    owed_by: str
    period_start: datetime
    period_end: datetime
    due_at: datetime
    times: int
    warn_at: datetime | None = None
    done: int = 0
    done_in_time: int = 0
    state: str = OPEN
    done_at: datetime | None = None
    done_by: str | None = None
    missed_at: datetime | None = None


def fold(rows: Rows[DutyRow], entry: Entry) -> None:
    event, stream = cast("DutyEvent", entry.event), entry.header.stream
    match event:
        case DutyPeriodOpened():
            rows[stream] = DutyRow(
                stream=stream,
                duty=event.duty,
                rule=event.rule,
                clause=event.clause,
                policy=event.policy,
                per=event.per,
                whose=event.whose,
                market=entry.origin.market,
                owed_by=event.role,
                period_start=event.period_start,
                period_end=event.period_end,
                due_at=event.due_at,
                times=event.times,
                warn_at=event.warn_at,
            )
        case DutyPerformed():
            _performed(rows[stream], event)
        case DutyMissed():
            row = rows[stream]
            row.state, row.missed_at = MISSED, event.due_at
        case _:
            assert_never(event)


def _performed(row: DutyRow, event: DutyPerformed) -> None:
    row.done += 1
    row.done_in_time += event.at <= row.due_at
    row.done_at, row.done_by = event.at, event.by
    if row.done_in_time >= row.times:
        row.state, row.missed_at = PERFORMED, None
    elif row.done >= row.times:
        row.state = LATE


DUTIES = Projection(
    name="duties",
    version=1,
    table=Table(
        name="duties",
        says="What has to be done again and again, period by period: by whom, until when, and"
        " whether it was done",
        row=DutyRow,
        key=("stream",),
        indexes=(
            "(period_start, stream)",
            f"(due_at, stream) WHERE state = '{OPEN}'",
            "(rule, period_start)",
        ),
    ),
    on=get_args(DutyEvent),
    fold=fold,
    parks_by="stream",
    shows=("market",),
)
