"""Which complaints are there, the latest first?"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel


class ComplaintFound(BaseModel):
    complaint: UUID
    customer: UUID
    source: str | None
    number: str | None
    market: str | None
    channel: str
    state: str
    product: str | None
    issue: str | None
    complaint_kind: str | None
    severity: str | None
    owner: str | None
    claim_amount: Decimal | None
    currency: str | None
    received_at: datetime
    registered_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    reopened: int


def complaints_found(
    db: Connection[Any],
    *,
    customer: UUID | None = None,
    state: str | None = None,
    limit: int = 200,
) -> list[ComplaintFound]:
    with db.cursor(row_factory=class_row(ComplaintFound)) as rows:
        return rows.execute(
            """
            SELECT complaint, customer, source, number, market, channel, state, product, issue,
                   complaint_kind, severity, owner, claim_amount, currency, received_at,
                   registered_at, resolved_at, closed_at, outcome, reopened
            FROM read.complaints
            WHERE (%(customer)s::uuid IS NULL OR customer = %(customer)s)
              AND (%(state)s::text IS NULL OR state = %(state)s)
            ORDER BY received_at DESC, complaint LIMIT %(limit)s
            """,
            {"customer": customer, "state": state, "limit": limit},
        ).fetchall()
