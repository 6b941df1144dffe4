"""One ticket: where it stands, and what it was promised."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from queries.tickets_found import TicketFound
from queries.timers_of_case import TimerShown, timers_of_case


class TicketShown(TicketFound):
    """`timers` in the order in which they began."""

    language: str | None
    category: str | None
    impact: str | None
    urgency: str | None
    waiting_for: str | None
    waiting_since: datetime | None
    work_started_at: datetime | None
    messages_customer: int
    messages_staff: int
    notes: int
    timers: list[TimerShown]


COLUMNS = ", ".join(name for name in TicketShown.model_fields if name != "timers")


def ticket_shown(db: Connection[Any], ticket: UUID) -> TicketShown | None:
    with db.cursor(row_factory=dict_row) as rows:
        row = rows.execute(
            f"SELECT {COLUMNS} FROM read.tickets WHERE ticket = %s", (ticket,)
        ).fetchone()
    return TicketShown(**row, timers=timers_of_case(db, ticket)) if row else None
