"""Which tickets are there, the latest first?"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel


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


def tickets_found(
    db: Connection[Any],
    *,
    customer: UUID | None = None,
    state: str | None = None,
    number: str | None = None,
    limit: int = 200,
) -> list[TicketFound]:
    with db.cursor(row_factory=class_row(TicketFound)) as rows:
        return rows.execute(
            """
            SELECT ticket, customer, source, number, market, channel, priority, state, owner, team,
                   opened_at, first_response_at, resolved_at, closed_at, reopened, waited,
                   subject_token
            FROM read.tickets
            WHERE (%(customer)s::uuid IS NULL OR customer = %(customer)s)
              AND (%(state)s::text IS NULL OR state = %(state)s)
              AND (%(number)s::text IS NULL OR number = %(number)s)
            ORDER BY opened_at DESC, ticket LIMIT %(limit)s
            """,
            {"customer": customer, "state": state, "number": number, "limit": limit},
        ).fetchall()
