"""Which tickets are there, the latest first?"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel

from queries.where import where
from queries.within import EVERYTHING, Within


class TicketFound(BaseModel):
    """`waited` counts seconds by what was waited for; `subject_token` is opened at the gate."""

    ticket: UUID
    customer: UUID
    source: str | None
    number: str | None
    market: str | None
    channel: str
    priority: str | None
    state: str
    owner: str | None
    team: str | None
    opened_at: datetime
    first_response_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    reopened: int
    waited: dict[str, int]
    subject_token: str | None


COLUMNS = ", ".join(TicketFound.model_fields)


def tickets_found(
    db: Connection[Any],
    *,
    customer: UUID | None = None,
    state: str | None = None,
    owner: str | None = None,
    team: str | None = None,
    market: str | None = None,
    channel: str | None = None,
    number: str | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 200,
    within: Within = EVERYTHING,
) -> list[TicketFound]:
    """`after`: the `opened_at` and the id of the last one seen."""
    filters = {
        "customer": customer,
        "state": state,
        "owner": owner,
        "team": team,
        "market": market,
        "channel": channel,
        "number": number,
    }
    condition = where(
        filters, "(opened_at, ticket) < (%(time)s, %(id)s)" if after else "", within.condition
    )
    time, identity = after or (None, None)
    with db.cursor(row_factory=class_row(TicketFound)) as rows:
        return rows.execute(
            f"""
            SELECT {COLUMNS} FROM read.tickets
            WHERE {condition}
            ORDER BY opened_at DESC, ticket DESC LIMIT %(limit)s
            """,
            {**filters, **within.parameters, "time": time, "id": identity, "limit": limit},
        ).fetchall()
