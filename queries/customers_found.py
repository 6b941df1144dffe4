"""Which customers are there, the most recently active first?"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel


class CustomerFound(BaseModel):
    customer: UUID
    kind: str
    market: str | None
    country: str | None
    language: str | None
    tier: str | None
    registered_at: datetime
    last_activity: datetime | None
    dormant_since: datetime | None
    erased_at: datetime | None


def customers_found(
    db: Connection[Any],
    *,
    country: str | None = None,
    tier: str | None = None,
    guests: bool = False,
    limit: int = 200,
) -> list[CustomerFound]:
    """Guests are left out unless asked for: nobody knows who they were."""
    with db.cursor(row_factory=class_row(CustomerFound)) as rows:
        return rows.execute(
            """
            SELECT customer, kind, market, country, language, tier, registered_at, last_activity,
                   dormant_since, erased_at
            FROM read.customers
            WHERE (%(guests)s OR kind <> 'guest')
              AND (%(country)s::text IS NULL OR country = %(country)s)
              AND (%(tier)s::text IS NULL OR tier = %(tier)s)
            ORDER BY last_activity DESC NULLS LAST, customer LIMIT %(limit)s
            """,
            {"guests": guests, "country": country, "tier": tier, "limit": limit},
        ).fetchall()
