"""How many customers hold each tier, and what they bought to get there?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel

from queries.where import where
from queries.within import EVERYTHING, Within


class TierHeld(BaseModel):
    """Amounts in the scheme's currency over the 365 days before the evaluation."""

    scheme: str
    tier: str
    customers: int
    least_net: Decimal | None
    most_net: Decimal | None


def tiers_held(db: Connection[Any], within: Within = EVERYTHING) -> list[TierHeld]:
    condition = where({}, "tier IS NOT NULL", within.of_customer)
    with db.cursor(row_factory=class_row(TierHeld)) as rows:
        return rows.execute(
            f"""
            SELECT scheme, tier, count(*) AS customers,
                   min((indicators->>'net_365d')::numeric) AS least_net,
                   max((indicators->>'net_365d')::numeric) AS most_net
            FROM (SELECT customer, scheme, tier, indicators::jsonb AS indicators
                  FROM read.tier_view) t
            WHERE {condition}
            GROUP BY scheme, tier
            ORDER BY scheme, array_position(ARRAY['core', 'important', 'normal', 'potential'], tier)
            """,
            within.parameters,
        ).fetchall()
