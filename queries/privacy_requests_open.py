"""Open requests about one's own data, with the day the next thing is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection


class OpenRequest(NamedTuple):
    """`due_at`: the earliest time still to be kept, None when nothing is owed any more; `kept`: the
    ground by category for what is not destroyed yet."""

    request: UUID
    customer: UUID
    kind: str
    market: str | None
    state: str
    due_at: datetime | None
    kept: Mapping[str, str]


def privacy_requests_open(db: Connection[Any], limit: int = 200) -> Sequence[OpenRequest]:
    """Requests not closed, refused and answered ones left out; the earliest due first."""
    rows = db.execute(
        "SELECT r.request, r.customer, r.kind, r.market, r.state, t.due, r.kept"
        " FROM read.privacy_requests r, LATERAL (SELECT min(due_at) AS due FROM read.sla_timers"
        " WHERE customer = r.customer AND kind = 'privacy' AND state = 'running'"
        " AND started_at >= r.opened_at) t"
        " WHERE r.state <> 'closed' AND NOT (r.state = 'refused' AND r.answered_at IS NOT NULL)"
        " ORDER BY t.due NULLS LAST, r.request LIMIT %s",
        (limit,),
    ).fetchall()
    return [OpenRequest(*row) for row in rows]
