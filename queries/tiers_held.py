"""How many customers hold each tier, and what they bought to get there?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel


class TierHeld(BaseModel):
    """Amounts in the scheme's currency over the 365 days before the evaluation."""

    scheme: str
    tier: str
    customers: int
    least_net: Decimal | None
    most_net: Decimal | None


def tiers_held(db: Connection[Any]) -> list[TierHeld]:
    with db.cursor(row_factory=class_row(TierHeld)) as rows:
        return rows.execute(
            """
            SELECT scheme, tier, count(*) AS customers,
                   min((indicators->>'net_365d')::numeric) AS least_net,
                   max((indicators->>'net_365d')::numeric) AS most_net
            FROM (SELECT scheme, tier, indicators::jsonb AS indicators FROM read.tier_view) t
            WHERE tier IS NOT NULL
            GROUP BY scheme, tier
            ORDER BY scheme, array_position(ARRAY['core', 'important', 'normal', 'potential'], tier)
            """
        ).fetchall()
