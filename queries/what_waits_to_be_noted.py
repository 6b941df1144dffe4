"""How much that fell due has not been noted yet, and since when?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection
from pydantic import BaseModel

COUNTED = 1_000
PATIENCE = timedelta(seconds=10)


class Waiting(BaseModel):
    """`promises` is counted up to 1,000; `since` is when the first of them fell due (UTC)."""

    promises: int
    since: datetime | None


def what_waits_to_be_noted(db: Connection[Any], at: datetime) -> Waiting:
    """Of the promises that were due ten seconds before `at`, warnings and escalations included.

    Cases of an import run that is open wait for its end; where no timekeeper runs, all wait. As
    long as the read models have never been built nothing is known to wait.
    """
    if db.execute("SELECT to_regclass('read.sla_timers')").fetchone() == (None,):
        return Waiting(promises=0, since=None)
    row = db.execute(
        "SELECT count(*), min(next_at) FROM (SELECT next_at FROM read.sla_timers"
        " WHERE next_at < %s ORDER BY next_at LIMIT %s) due",
        (at - PATIENCE, COUNTED),
    ).fetchone()
    assert row is not None
    return Waiting(promises=row[0], since=row[1])
