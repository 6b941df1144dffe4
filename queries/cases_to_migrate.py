"""Which cases have running promises of another version of a policy or a calendar?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg import Connection

COLUMNS = {"policy": "policy", "calendar": "calendar"}


def cases_to_migrate(
    db: Connection[Any], what: str, id: str, version: str, market: str | None = None
) -> list[UUID]:
    """`what` is policy or calendar, `version` the name@version to move to; in order of the case.
    `market`: the one their streams stand under."""
    column = COLUMNS[what]
    rows = db.execute(
        "SELECT DISTINCT stream FROM read.sla_timers"
        f" WHERE state IN ('running', 'paused') AND split_part({column}, '@', 1) = %s"
        f" AND {column} <> %s AND (%s::text IS NULL OR market = %s) ORDER BY stream",
        (id, version, market, market),
    )
    return [row[0] for row in rows]
