"""Which customers hold a tier of a scheme, since when, and on what evidence?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel

from queries.where import where
from queries.within import EVERYTHING, Within


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
    within: Within = EVERYTHING,
) -> list[TierHolder]:
    """By the id of the customer; `after` is that of the last one seen."""
    filters = {"scheme": scheme, "tier": tier}
    condition = where(filters, "customer > %(after)s" if after else "", within.of_customer)
    with db.cursor(row_factory=class_row(TierHolder)) as rows:
        return rows.execute(
            f"""
            SELECT {COLUMNS} FROM read.tier_view
            WHERE {condition}
            ORDER BY customer LIMIT %(limit)s
            """,
            {**filters, **within.parameters, "after": after, "limit": limit},
        ).fetchall()
