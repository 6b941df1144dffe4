"""Which promises by time run, and which falls due first?"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel

from queries.breaches_as_of import OF_POLICY
from queries.where import where
from queries.within import EVERYTHING, Within


class TimerRunning(BaseModel):
    """A promise that is running and neither kept nor noted as broken. `provisional`: its due time
    rests on holidays that had not been announced when it was made."""

    timer: UUID
    stream: UUID
    kind: str
    customer: UUID
    market: str | None
    channel: str | None
    team: str | None
    tier: str | None
    metric: str
    rule: str
    clause: str
    policy: str
    calendar: str
    started_at: datetime
    due_at: datetime
    warned_at: datetime | None
    provisional: bool


COLUMNS = ", ".join(TimerRunning.model_fields)


def timers_running(
    db: Connection[Any],
    *,
    kind: str | None = None,
    customer: UUID | None = None,
    market: str | None = None,
    channel: str | None = None,
    team: str | None = None,
    tier: str | None = None,
    metric: str | None = None,
    clause: str | None = None,
    policy: str | None = None,
    due_before: datetime | None = None,
    started_before: datetime | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 200,
    within: Within = EVERYTHING,
) -> list[TimerRunning]:
    """The earliest due first; those that are paused have no due time and are not among them.

    Channel, team and tier are those at receipt; `policy` is a pack, or one of its versions by
    name@version. `after`: the `due_at` and the timer of the last one seen.
    """
    filters = {
        "kind": kind,
        "customer": customer,
        "market": market,
        "channel": channel,
        "team": team,
        "tier": tier,
        "metric": metric,
        "clause": clause,
    }
    condition = where(
        filters,
        within.condition,
        OF_POLICY if policy else "",
        "due_at < %(due_before)s" if due_before else "",
        "started_at < %(started_before)s" if started_before else "",
        "(due_at, timer) > (%(time)s, %(id)s)" if after else "",
    )
    time, identity = after or (None, None)
    with db.cursor(row_factory=class_row(TimerRunning)) as rows:
        return rows.execute(
            f"""
            SELECT {COLUMNS} FROM read.sla_timers
            WHERE state = 'running' AND {condition}
            ORDER BY due_at, timer LIMIT %(limit)s
            """,
            {
                **filters,
                **within.parameters,
                "policy": policy,
                "due_before": due_before,
                "started_before": started_before,
                "time": time,
                "id": identity,
                "limit": limit,
            },
        ).fetchall()
