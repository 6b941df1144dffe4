"""In which cases did something happen that a promise may rest on?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection


def cases_of_promises(
    db: Connection[Any],
    triggers: Sequence[str],
    start: datetime,
    end: datetime,
    market: str | None = None,
) -> list[UUID]:
    """Streams with an event of one of these names that happened from `start` to before `end`, in
    the order of their first one. `market`: the one they stand under."""
    rows = db.execute(
        "SELECT stream FROM es.events WHERE type = ANY(%s) AND at >= %s AND at < %s"
        " AND (%s::text IS NULL OR market = %s) GROUP BY stream ORDER BY min(position)",
        (list(triggers), start, end, market, market),
    )
    return [row[0] for row in rows]
