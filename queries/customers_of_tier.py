"""Which customers hold a tier of a scheme, since when, and on what evidence?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel


class TierHolder(BaseModel):
    """`indicators` are those of the last evaluation, which looked as far as `evaluated_as_of`."""

    customer: UUID
    scheme: str
    scheme_version: int
    tier: str
    since: datetime
    as_of: date | None
    reason: str | None
    evaluated_as_of: date | None
    indicators: dict[str, str]


COLUMNS = ", ".join(TierHolder.model_fields)


def customers_of_tier(
    db: Connection[Any],
    scheme: str,
    tier: str,
    *,
    after: UUID | None = None,
    limit: int = 200,
) -> list[TierHolder]:
    """By the id of the customer; `after` is that of the last one seen."""
    with db.cursor(row_factory=class_row(TierHolder)) as rows:
        return rows.execute(
            f"""
            SELECT {COLUMNS} FROM read.tier_view
            WHERE scheme = %(scheme)s AND tier = %(tier)s
              AND (%(after)s::uuid IS NULL OR customer > %(after)s)
            ORDER BY customer LIMIT %(limit)s
            """,
            {"scheme": scheme, "tier": tier, "after": after, "limit": limit},
        ).fetchall()
