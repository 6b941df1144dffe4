"""What do we hold of one customer, and how did each field come to be?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row
from pydantic import BaseModel

from queries.customers_found import CustomerFound

FIELDS = ("name", "company", "email", "phone", "address", "birthday", "note")


class Provenance(BaseModel):
    """Who entered a field, when, in which event; of a correction also why and when learned."""

    by: str
    at: str
    event: UUID
    learned_at: str | None = None
    reason: str | None = None
    previous_event: UUID | None = None


class CustomerShown(CustomerFound):
    """`sealed` maps the profile fields held to their tokens; the gate opens those. `outdated`:
    fields known to be out of date, and since when."""

    sealed: dict[str, str]
    written: dict[str, Provenance]
    outdated: dict[str, str]


def customer_shown(db: Connection[Any], customer: UUID) -> CustomerShown | None:
    with db.cursor(row_factory=dict_row) as rows:
        row = rows.execute(
            "SELECT * FROM read.customers WHERE customer = %s", (customer,)
        ).fetchone()
    if row is None:
        return None
    tokens = {name: row[f"{name}_token"] for name in FIELDS}
    return CustomerShown(**row, sealed={name: t for name, t in tokens.items() if t is not None})
