"""What is shown of customers somebody looked for: their market, and the tokens of their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel


class LookupShown(BaseModel):
    customer: UUID
    market: str | None
    name_token: str | None
    company_token: str | None


def lookup_shown(db: Connection[Any], customers: Sequence[UUID]) -> list[LookupShown]:
    """Those of them that are shown by now and not erased."""
    with db.cursor(row_factory=class_row(LookupShown)) as rows:
        return rows.execute(
            "SELECT customer, market, name_token, company_token FROM read.customers"
            " WHERE customer = ANY(%s) AND erased_at IS NULL",
            (list(customers),),
        ).fetchall()
