"""Which customers hold a tier, the ones with the highest net amount first?"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel


class TierMember(BaseModel):
    """`net_365d` in the scheme's currency over the 365 days before the evaluation `as_of`."""

    customer: UUID
    scheme: str
    tier: str
    since: datetime
    as_of: date
    orders_365d: Decimal | None
    net_365d: Decimal | None


def tier_members(
    db: Connection[Any], *, scheme: str | None = None, tier: str | None = None, limit: int = 200
) -> list[TierMember]:
    with db.cursor(row_factory=class_row(TierMember)) as rows:
        return rows.execute(
            """
            SELECT customer, scheme, tier, since, as_of,
                   (indicators::jsonb ->> 'orders_365d')::numeric AS orders_365d,
                   (indicators::jsonb ->> 'net_365d')::numeric AS net_365d
            FROM read.tier_view
            WHERE tier IS NOT NULL
              AND (%(scheme)s::text IS NULL OR scheme = %(scheme)s)
              AND (%(tier)s::text IS NULL OR tier = %(tier)s)
            ORDER BY net_365d DESC NULLS LAST, customer LIMIT %(limit)s
            """,
            {"scheme": scheme, "tier": tier, "limit": limit},
        ).fetchall()
