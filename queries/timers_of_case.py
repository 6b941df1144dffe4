"""Which promises by time does a case carry, and where does each stand?"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel


class TimerShown(BaseModel):
    """A promise. `state`: running, paused, fulfilled, breached or cancelled; one that runs past
    its `due_at` has been broken and not been noted yet. Paused, it has `left_seconds` to go."""

    timer: UUID
    metric: str
    rule: str
    clause: str
    policy: str
    calendar: str
    target: str
    cycle: int
    state: str
    started_at: datetime
    due_at: datetime | None
    left_seconds: int | None
    warned_at: datetime | None
    fulfilled_at: datetime | None
    breached_at: datetime | None
    cancelled_at: datetime | None


COLUMNS = ", ".join(TimerShown.model_fields)


def timers_of_case(db: Connection[Any], case: UUID) -> list[TimerShown]:
    """In the order in which they began."""
    with db.cursor(row_factory=class_row(TimerShown)) as rows:
        return rows.execute(
            f"SELECT {COLUMNS} FROM read.sla_timers WHERE stream = %s"
            " ORDER BY started_at, metric, cycle, timer",
            (case,),
        ).fetchall()
