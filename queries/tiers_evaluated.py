"""Who has been evaluated under a tier scheme as of a day, and on what indicators?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import Connection


def tiers_evaluated(
    db: Connection[Any], scheme: str, version: int, as_of: date
) -> dict[UUID, Mapping[str, Decimal]]:
    """The indicators of the last evaluation of each customer under this version of the scheme."""
    rows = db.execute(
        """
        SELECT DISTINCT ON (customer) customer, facts::jsonb -> 'indicators'
        FROM read.history
        WHERE type = 'CustomerTierEvaluated' AND facts::jsonb @> jsonb_build_object(
          'scheme', %s::text, 'scheme_version', %s::int, 'as_of', %s::text)
        ORDER BY customer, position DESC
        """,
        (scheme, version, as_of.isoformat()),
    ).fetchall()
    return {
        customer: {name: Decimal(value) for name, value in indicators.items()}
        for customer, indicators in rows
    }
