"""Who held which access at a moment?"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel


class AccessHeld(BaseModel):
    """`markets`, `teams` None: all of them. `until` None: it had not ended when last looked."""

    staff: str
    post: str
    roles: list[str]
    markets: list[str] | None
    teams: list[str] | None
    request: UUID
    requested_by: str
    approved_by: str | None
    granted_by: str
    since: datetime
    until: datetime | None
    ended_by: str | None


def access_held(
    db: Connection[Any], as_of: datetime, *, staff: str | None = None, limit: int = 200
) -> list[AccessHeld]:
    """By when it was recorded, for that is when the doors open and shut; by staff and beginning."""
    with db.cursor(row_factory=class_row(AccessHeld)) as rows:
        return rows.execute(
            """
            SELECT staff, post, roles, markets, teams, request, requested_by, approved_by,
                   granted_by, access_from AS since, access_until AS until, reason AS ended_by
            FROM read.staff_access
            WHERE access_from <= %(as_of)s AND (access_until IS NULL OR access_until > %(as_of)s)
              AND (%(staff)s::text IS NULL OR staff = %(staff)s)
            ORDER BY staff, access_from LIMIT %(limit)s
            """,
            {"as_of": as_of, "staff": staff, "limit": limit},
        ).fetchall()
