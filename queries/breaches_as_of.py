"""Which promises were broken at a moment, whether or not anybody has noted it yet?"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row
from pydantic import BaseModel, TypeAdapter

from queries.where import where
from queries.within import EVERYTHING, Within


class Breach(BaseModel):
    """`late_seconds` runs to the fulfilment if there was one, else to the moment asked about."""

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
    due_at: datetime
    fulfilled_at: datetime | None
    late_seconds: int


ALL = TypeAdapter(list[Breach])
OF_POLICY = "(policy = %(policy)s OR split_part(policy, '@', 1) = %(policy)s)"
LATE = "due_at <= %(as_of)s - make_interval(mins => %(late_minutes)s)"


def breaches_as_of(
    db: Connection[Any],
    as_of: datetime,
    *,
    kind: str | None = None,
    source: str | None = None,
    customer: UUID | None = None,
    market: str | None = None,
    channel: str | None = None,
    team: str | None = None,
    tier: str | None = None,
    metric: str | None = None,
    clause: str | None = None,
    policy: str | None = None,
    late_minutes: int | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 200,
    within: Within = EVERYTHING,
) -> list[Breach]:
    """Timers due before `as_of` (by when things happened) that nothing had fulfilled in time,
    earliest first. `source`: only tickets that this outside system numbered. Channel, team and tier
    are those at receipt; `policy` is a pack, or one of its versions by name@version.
    `late_minutes`: only those that fell due at least so long before `as_of`. `after`: the `due_at`
    and the timer of the last one seen."""
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
        "stream IN (SELECT ticket FROM read.tickets WHERE source = %(source)s)" if source else "",
        OF_POLICY if policy else "",
        LATE if late_minutes else "",
        "(due_at, timer) > (%(time)s, %(id)s)" if after else "",
    )
    time, identity = after or (None, None)
    with db.cursor(row_factory=dict_row) as rows:
        found = rows.execute(
            f"""
            SELECT timer, stream, kind, customer, market, channel, team, tier, metric, rule,
                   clause, policy, due_at, fulfilled_at,
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
                "policy": policy,
                "late_minutes": late_minutes,
                "time": time,
                "id": identity,
                "limit": limit,
            },
            binary=True,
        ).fetchall()
    return ALL.validate_python(found)
