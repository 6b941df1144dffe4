"""What did a customer buy and take back, the latest document first?"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel


class OrderFound(BaseModel):
    """One document of a shop. `what`: `sale` or `cancel`; the amount of a cancellation is what it
    takes back. `matched_order`: the sale that a cancellation takes back, if that is known."""

    order_id: UUID
    customer: UUID
    source: str
    number: str
    what: str
    at: datetime
    at_precision: str
    country: str | None
    currency: str
    amount: Decimal
    lines: int
    purchase_lines: int
    matched_order: UUID | None
    returned: Decimal
    returns: int


COLUMNS = ", ".join(OrderFound.model_fields)


def orders_of_customer(
    db: Connection[Any],
    customer: UUID,
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 200,
) -> list[OrderFound]:
    """`after`: the `at` and the id of the last one seen."""
    time, identity = after or (None, None)
    with db.cursor(row_factory=class_row(OrderFound)) as rows:
        return rows.execute(
            f"""
            SELECT {COLUMNS} FROM read.orders
            WHERE customer = %(customer)s
              AND (%(time)s::timestamptz IS NULL OR (at, order_id) < (%(time)s, %(id)s))
            ORDER BY at DESC, order_id DESC LIMIT %(limit)s
            """,
            {"customer": customer, "time": time, "id": identity, "limit": limit},
        ).fetchall()


def order_shown(db: Connection[Any], order: UUID) -> OrderFound | None:
    with db.cursor(row_factory=class_row(OrderFound)) as rows:
        return rows.execute(
            f"SELECT {COLUMNS} FROM read.orders WHERE order_id = %s", (order,)
        ).fetchone()
