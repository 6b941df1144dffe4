"""Which versions of which policies are there, and who answers for them?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel

from queries.where import where
from queries.within import EVERYTHING, Within


class PolicyFound(BaseModel):
    """A version. `state` shipped: it came with the product and no person has approved it yet.
    `effective_day` None: from ever, or not published; `ends_on`: the first day without it."""

    policy: str
    policy_id: str
    policy_version: int
    rank: str
    active: bool
    state: str
    row_ids: list[str]
    rows_hash: str | None
    drafted_by: list[str]
    drafted_at: datetime
    reviewed_by: str | None
    approved_by: str | None
    published_by: str | None
    published_on: date | None
    effective_day: date | None
    ends_on: date | None
    replaces: int | None
    filed_with: str | None
    reference: str | None


COLUMNS = ", ".join(PolicyFound.model_fields)


def policies_found(
    db: Connection[Any],
    *,
    policy_id: str | None = None,
    state: str | None = None,
    on: date | None = None,
    after: tuple[str, int] | None = None,
    limit: int = 200,
    within: Within = EVERYTHING,
) -> list[PolicyFound]:
    """By id and version. `on`: those in force on that day. Policies are the organisation's, so
    whoever may ask sees all of them."""
    in_force = (
        "" if on is None else
        "published_on IS NOT NULL AND coalesce(effective_day <= %(on)s, true)"
        " AND coalesce(ends_on > %(on)s, true)"
    )  # fmt: skip
    behind = "" if after is None else "(policy_id, policy_version) > (%(id)s, %(number)s)"
    condition = where({"policy_id": policy_id, "state": state}, in_force, behind)
    with db.cursor(row_factory=class_row(PolicyFound)) as rows:
        return rows.execute(
            f"SELECT {COLUMNS} FROM read.policies WHERE {condition}"
            " ORDER BY policy_id, policy_version LIMIT %(limit)s",
            {
                "policy_id": policy_id,
                "state": state,
                "on": on,
                "id": after and after[0],
                "number": after and after[1],
                "limit": limit,
            },
        ).fetchall()
