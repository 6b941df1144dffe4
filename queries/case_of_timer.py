"""In which case was a promise made?"""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection


class CaseOfTimer(NamedTuple):
    """`kind` and `stream` of the case, and whose it is."""

    kind: str
    stream: UUID
    customer: UUID


def case_of_timer(db: Connection[Any], timer: UUID) -> CaseOfTimer | None:
    """None if no such promise is shown."""
    row = db.execute(
        "SELECT kind, stream, customer FROM read.sla_timers WHERE timer = %s", (timer,)
    ).fetchone()
    return CaseOfTimer(*row) if row else None
