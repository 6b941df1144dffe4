"""What went to whom: the shares of a customer, or all to one recipient, the latest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel

from queries.where import where


class Share(BaseModel):
    """`digest` is the SHA-256 of what was handed over; consent and agreement are its basis."""

    share: UUID
    customer: UUID
    recipient: str
    country: str
    cross_border: bool
    categories: list[str]
    purpose: str
    consent_id: UUID
    agreement: UUID
    digest: str
    at: datetime
    actor: str


COLUMNS = ", ".join(name for name in Share.model_fields if name != "categories")


def shares_found(
    db: Connection[Any],
    *,
    customer: UUID | None = None,
    recipient: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 200,
) -> list[Share]:
    """From `since` up to, not including, `until` (aware). `after`: the time and id of the last one
    seen."""
    filters = {"customer": customer, "recipient": recipient}
    at, share = after or (None, None)
    condition = where(
        filters,
        "at >= %(since)s" if since else "",
        "at < %(until)s" if until else "",
        "(at, share) < (%(at)s, %(share)s)" if after else "",
    )
    with db.cursor(row_factory=class_row(Share)) as rows:
        return rows.execute(
            f"SELECT {COLUMNS}, categories::jsonb AS categories FROM read.shares"
            f" WHERE {condition} ORDER BY at DESC, share DESC LIMIT %(limit)s",
            {
                **filters,
                "since": since,
                "until": until,
                "at": at,
                "share": share,
                "limit": limit,
            },
        ).fetchall()
