"""Who may be contacted for a marketing purpose at a moment? Nobody else is listed (CB-14.3a)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel


class Contactable(BaseModel):
    customer: UUID
    consent_id: UUID
    market: str | None
    expires_at: datetime | None


def contactable(
    db: Connection[Any],
    *,
    purpose: str,
    at: datetime,
    market: str | None = None,
    after: UUID | None = None,
    limit: int = 200,
) -> list[Contactable]:
    """Those with a consent to this very purpose that covers contact data and holds at `at` (aware),
    as far as the read models have followed. A list is a proposal: `ReleaseMarketingContact` asks
    the record again for each of them. `after`: the last customer seen."""
    with db.cursor(row_factory=class_row(Contactable)) as rows:
        return rows.execute(
            """
            SELECT DISTINCT ON (c.customer) c.customer, c.consent_id, c.market, c.expires_at
            FROM read.consents c JOIN read.customers k USING (customer)
            WHERE c.purpose = %(purpose)s AND c.scope = 'own_use'
              AND c.categories::jsonb ? 'contact'
              AND c.granted_at <= %(at)s AND %(at)s < coalesce(c.ended_at, 'infinity')
              AND %(at)s < coalesce(c.expires_at, 'infinity') AND k.erased_at IS NULL
              AND (%(market)s::text IS NULL OR c.market = %(market)s)
              AND (%(after)s::uuid IS NULL OR c.customer > %(after)s)
            ORDER BY c.customer, c.granted_at DESC LIMIT %(limit)s
            """,
            {"purpose": purpose, "at": at, "market": market, "after": after, "limit": limit},
        ).fetchall()
