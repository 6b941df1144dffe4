"""One complaint: how far it has come, and what it was promised."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from queries.complaints_found import ComplaintFound
from queries.timers_of_case import TimerShown, timers_of_case


class ComplaintShown(ComplaintFound):
    """`timers` in the order in which they began."""

    language: str | None
    country: str | None
    tier: str | None
    complexity: str | None
    vulnerability: list[str]
    acknowledged_at: datetime | None
    assigned_at: datetime | None
    investigated_at: datetime | None
    agreed_due: datetime | None
    referred_to: str | None
    plans: int
    plan_state: str | None
    result: str | None
    communicated_at: datetime | None
    satisfied: bool | None
    close_basis: str | None
    timers: list[TimerShown]


COLUMNS = ", ".join(name for name in ComplaintShown.model_fields if name != "timers")


def complaint_shown(db: Connection[Any], complaint: UUID) -> ComplaintShown | None:
    with db.cursor(row_factory=dict_row) as rows:
        row = rows.execute(
            f"SELECT {COLUMNS} FROM read.complaints WHERE complaint = %s", (complaint,)
        ).fetchone()
    return ComplaintShown(**row, timers=timers_of_case(db, complaint)) if row else None
