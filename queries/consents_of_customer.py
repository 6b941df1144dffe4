"""What had a customer agreed to, as it was known at a moment, and what of it held then?"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel


class ConsentShown(BaseModel):
    """`state`: given, replaced, withdrawn, expired, or erased with the customer. `ended_at` is from
    when on it no longer holds; a consent that runs out later than asked about is still given."""

    consent_id: UUID
    purpose: str
    scope: str
    categories: list[str]
    recipients: list[str]
    form: str
    notice_version: str
    language: str
    granted_at: datetime
    expires_at: datetime | None
    state: str
    ended_at: datetime | None


def consents_of_customer(
    db: Connection[Any], customer: UUID, *, as_of: datetime
) -> list[ConsentShown]:
    """Those recorded by `as_of` (aware), the oldest first. One whose end was recorded later is
    shown as it was known; one that had run out by then is expired, noted or not."""
    with db.cursor(row_factory=class_row(ConsentShown)) as rows:
        return rows.execute(
            """
            WITH known AS (
              SELECT c.*, k.erased_at,
                     coalesce(c.end_recorded_at <= %(as_of)s, false) AS end_known,
                     coalesce(c.expires_at <= %(as_of)s, false) AS run_out,
                     coalesce(k.erased_at <= %(as_of)s
                              AND k.erased_at < coalesce(c.expires_at, 'infinity'), false) AS erased
              FROM read.consents c LEFT JOIN read.customers k USING (customer)
              WHERE c.customer = %(customer)s AND c.recorded_at <= %(as_of)s
            )
            SELECT consent_id, purpose, scope, categories::jsonb AS categories,
                   recipients::jsonb AS recipients, form, notice_version, language, granted_at,
                   expires_at,
                   CASE WHEN end_known THEN state WHEN erased THEN 'erased'
                        WHEN run_out THEN 'expired' ELSE 'given' END AS state,
                   CASE WHEN end_known THEN ended_at WHEN erased THEN erased_at
                        WHEN run_out THEN expires_at END AS ended_at
            FROM known ORDER BY granted_at, consent_id
            """,
            {"customer": customer, "as_of": as_of},
        ).fetchall()
