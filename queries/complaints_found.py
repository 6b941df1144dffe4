"""Which complaints are there, the latest first?"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel

from queries.where import where
from queries.within import EVERYTHING, Within


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


COLUMNS = ", ".join(ComplaintFound.model_fields)


def complaints_found(
    db: Connection[Any],
    *,
    customer: UUID | None = None,
    state: str | None = None,
    owner: str | None = None,
    market: str | None = None,
    channel: str | None = None,
    severity: str | None = None,
    number: str | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 200,
    within: Within = EVERYTHING,
) -> list[ComplaintFound]:
    """`after`: the `received_at` and the id of the last one seen."""
    filters = {
        "customer": customer,
        "state": state,
        "owner": owner,
        "market": market,
        "channel": channel,
        "severity": severity,
        "number": number,
    }
    condition = where(
        filters, "(received_at, complaint) < (%(time)s, %(id)s)" if after else "", within.condition
    )
    time, identity = after or (None, None)
    with db.cursor(row_factory=class_row(ComplaintFound)) as rows:
        return rows.execute(
            f"""
            SELECT {COLUMNS} FROM read.complaints
            WHERE {condition}
            ORDER BY received_at DESC, complaint DESC LIMIT %(limit)s
            """,
            {**filters, **within.parameters, "time": time, "id": identity, "limit": limit},
        ).fetchall()
