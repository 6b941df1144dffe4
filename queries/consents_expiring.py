"""Which consents run out by a moment, the soonest first?"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel


class ConsentExpiring(BaseModel):
    consent_id: UUID
    customer: UUID
    market: str | None
    purpose: str
    scope: str
    expires_at: datetime


def consents_expiring(
    db: Connection[Any],
    *,
    by: datetime,
    market: str | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 200,
) -> list[ConsentExpiring]:
    """Those that end no later than `by` (aware) and are not noted to have ended: also those that
    have run out already, for which `NoteConsentExpiry` is to be sent. Erased customers are left
    out. `after`: the `expires_at` and the id of the last one seen."""
    at, consent = after or (None, None)
    with db.cursor(row_factory=class_row(ConsentExpiring)) as rows:
        return rows.execute(
            """
            SELECT c.consent_id, c.customer, c.market, c.purpose, c.scope, c.expires_at
            FROM read.consents c LEFT JOIN read.customers k USING (customer)
            WHERE c.state = 'given' AND c.expires_at <= %(by)s AND k.erased_at IS NULL
              AND (%(market)s::text IS NULL OR c.market = %(market)s)
              AND (%(at)s::timestamptz IS NULL
                   OR (c.expires_at, c.consent_id) > (%(at)s, %(consent)s::uuid))
            ORDER BY c.expires_at, c.consent_id LIMIT %(limit)s
            """,
            {"by": by, "market": market, "at": at, "consent": consent, "limit": limit},
        ).fetchall()
