"""What is on record about a customer, over all streams, as it was known at a moment?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel


class Fact(BaseModel):
    """One event. `sealed` maps the path of each personal value to its token; None once the person
    has been erased, or where there was none."""

    position: int
    at: datetime
    recorded_at: datetime
    kind: str
    type: str
    actor: str
    role: str
    purpose: str
    stream: UUID
    version: int
    facts: dict[str, Any]
    sealed: dict[str, str] | None


def history_as_of(
    db: Connection[Any],
    customer: UUID,
    *,
    as_of: datetime | None = None,
    at: datetime | None = None,
    after: int = 0,
    limit: int = 200,
) -> list[Fact]:
    """`as_of`: only what had been recorded by then. `at`: only what had happened by then."""
    with db.cursor(row_factory=class_row(Fact)) as rows:
        return rows.execute(
            """
            SELECT position, at, recorded_at, kind, type, actor, role, purpose, stream, version,
                   facts::jsonb AS facts, sealed_token::jsonb AS sealed
            FROM read.history
            WHERE customer = %(customer)s AND position > %(after)s
              AND (%(as_of)s::timestamptz IS NULL OR recorded_at <= %(as_of)s)
              AND (%(at)s::timestamptz IS NULL OR at <= %(at)s)
            ORDER BY position LIMIT %(limit)s
            """,
            {"customer": customer, "after": after, "as_of": as_of, "at": at, "limit": limit},
        ).fetchall()


def erased_persons(db: Connection[Any], customers: Sequence[UUID]) -> set[UUID]:
    """Those of these customers whose personal data were erased, as far as this history goes."""
    rows = db.execute(
        "SELECT DISTINCT customer FROM read.history"
        " WHERE customer = ANY(%s) AND type = 'PersonalDataErased'",
        (list(customers),),
    )
    return {row[0] for row in rows}
