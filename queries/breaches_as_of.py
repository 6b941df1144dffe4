"""Which promises were broken at a moment, whether or not anybody has noted it yet?"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel

from queries.where import where
from queries.within import EVERYTHING, Within


class Breach(BaseModel):
    """`late_seconds` runs to the fulfilment if there was one, else to the moment asked about."""

    timer: UUID
    stream: UUID
    kind: str
    customer: UUID
    market: str | None
    metric: str
    clause: str
    policy: str
    due_at: datetime
    fulfilled_at: datetime | None
    late_seconds: int


def breaches_as_of(
    db: Connection[Any],
    as_of: datetime,
    *,
    kind: str | None = None,
    source: str | None = None,
    customer: UUID | None = None,
    market: str | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 200,
    within: Within = EVERYTHING,
) -> list[Breach]:
    """Timers due before `as_of` (by when things happened) that nothing had fulfilled in time,
    earliest first. `source`: only tickets that this outside system numbered. `after`: the `due_at`
    and the timer of the last one seen."""
    filters = {"kind": kind, "customer": customer, "market": market}
    condition = where(
        filters,
        within.condition,
        "stream IN (SELECT ticket FROM read.tickets WHERE source = %(source)s)" if source else "",
        "(due_at, timer) > (%(time)s, %(id)s)" if after else "",
    )
    time, identity = after or (None, None)
    with db.cursor(row_factory=class_row(Breach)) as rows:
        return rows.execute(
            f"""
            SELECT timer, stream, kind, customer, market, metric, clause, policy, due_at,
                   fulfilled_at,
                   extract(epoch FROM least(coalesce(fulfilled_at, %(as_of)s), %(as_of)s) - due_at)
                     ::bigint AS late_seconds
            FROM read.sla_timers
            WHERE started_at <= %(as_of)s AND due_at < %(as_of)s
              AND (breached_at IS NOT NULL OR state = 'running')
              AND (fulfilled_at IS NULL OR fulfilled_at > due_at)
              AND {condition}
            ORDER BY due_at, timer LIMIT %(limit)s
            """,
            {
                **filters,
                **within.parameters,
                "as_of": as_of,
                "source": source,
                "time": time,
                "id": identity,
                "limit": limit,
            },
        ).fetchall()
