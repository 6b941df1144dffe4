"""Which customers are there, the latest registered first?"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel

from queries.where import where
from queries.within import EVERYTHING, Within


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
    market: str | None = None,
    guests: bool = False,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 200,
    within: Within = EVERYTHING,
) -> list[CustomerFound]:
    """Guests are left out unless asked for: nobody knows who they were.

    `after`: the `registered_at` and the id of the last one seen; neither ever changes, so that no
    customer is met twice or passed over while others are registered.
    """
    filters = {"country": country, "tier": tier, "market": market}
    condition = where(
        filters,
        within.condition,
        "" if guests else "kind <> 'guest'",
        "(registered_at, customer) < (%(time)s, %(id)s)" if after else "",
    )
    time, identity = after or (None, None)
    with db.cursor(row_factory=class_row(CustomerFound)) as rows:
        return rows.execute(
            f"""
            SELECT customer, kind, market, country, language, tier, registered_at, last_activity,
                   dormant_since, erased_at
            FROM read.customers
            WHERE {condition}
            ORDER BY registered_at DESC, customer DESC LIMIT %(limit)s
            """,
            {**filters, **within.parameters, "time": time, "id": identity, "limit": limit},
        ).fetchall()
