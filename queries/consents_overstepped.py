"""Which accesses to personal data were permitted while no consent held? There must be none.

It trusts nothing the gate says about consents: the trail is compared with the consents as they
stand in the record today. So an access before a withdrawal that was recorded late, but dated before
it, is shown as well; `known_later` tells those apart.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel

from domain.customer.consent import MARKETING

ON_ITS_WAY = timedelta(seconds=2)
"""What was permitted is released only when its row is durable, up to so long after the decision."""


class Overstepped(BaseModel):
    """One person in one access. `known_later`: a consent did hold as far as was on record then."""

    access: int
    at: datetime
    actor: str
    role: str
    purpose: str
    recipient: str | None
    customer: UUID
    known_later: bool


def overstepped(
    db: Connection[Any], *, since: datetime, until: datetime, limit: int = 200
) -> list[Overstepped]:
    """Of the accesses from `since` up to, not including, `until` (aware), those that rested on
    consent, or had a purpose that always needs one, the oldest first."""
    with db.cursor(row_factory=class_row(Overstepped)) as rows:
        return rows.execute(
            """
            SELECT a.id AS access, a.at, a.actor, a.role, a.purpose, a.recipient,
                   s.customer, EXISTS (
                     SELECT FROM read.consents c
                     WHERE c.customer = s.customer AND c.purpose = a.purpose
                       AND c.granted_at <= a.at AND c.recorded_at <= a.at
                       AND a.at < coalesce(c.expires_at, 'infinity') + %(way)s
                       AND (a.recipient IS NULL AND c.scope IN ('own_use', 'sensitive_data')
                            OR c.scope = 'sharing' AND c.recipients::jsonb ? a.recipient)
                       AND a.at < coalesce(c.end_recorded_at, 'infinity') + %(way)s
                   ) AS known_later
            FROM trail.access a CROSS JOIN LATERAL unnest(a.subjects) AS s (customer)
            WHERE a.decision = 'permit' AND a.at >= %(since)s AND a.at < %(until)s
              AND (a.legal_basis LIKE '%%dpv:Consent%%' OR cardinality(a.consents) > 0
                   OR a.purpose = ANY(%(marketing)s))
              AND NOT EXISTS (
                SELECT FROM read.consents c LEFT JOIN read.customers k USING (customer)
                WHERE c.customer = s.customer AND c.purpose = a.purpose AND c.granted_at <= a.at
                  AND a.at < least(coalesce(c.ended_at, 'infinity'),
                                   coalesce(c.expires_at, 'infinity'),
                                   coalesce(k.erased_at, 'infinity')) + %(way)s
                  AND (a.recipient IS NULL AND c.scope IN ('own_use', 'sensitive_data')
                       OR c.scope = 'sharing' AND c.recipients::jsonb ? a.recipient))
            ORDER BY a.id, s.customer LIMIT %(limit)s
            """,
            {
                "since": since,
                "until": until,
                "marketing": sorted(MARKETING),
                "way": ON_ITS_WAY,
                "limit": limit,
            },
        ).fetchall()
