"""What do the orders of each customer amount to, for a tier scheme, as of a day?"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel


class Indicators(BaseModel):
    customer: UUID
    orders_365d: int
    net_365d: Decimal


def tier_indicators(db: Connection[Any], since: datetime, until: datetime) -> list[Indicators]:
    """Customers (no guests) with any document in [since, until): orders in which something was
    bought, and their amount less cancellations."""
    with db.cursor(row_factory=class_row(Indicators)) as rows:
        return rows.execute(
            """
            SELECT o.customer,
                   count(*) FILTER (WHERE o.what = 'sale' AND o.purchase_lines > 0) AS orders_365d,
                   coalesce(sum(o.amount) FILTER (WHERE o.what = 'sale'), 0)
                     - coalesce(sum(o.amount) FILTER (WHERE o.what = 'cancel'), 0) AS net_365d
            FROM read.orders o JOIN read.customers c USING (customer)
            WHERE o.at >= %s AND o.at < %s AND c.kind <> 'guest' AND c.erased_at IS NULL
            GROUP BY o.customer ORDER BY o.customer
            """,
            (since, until),
        ).fetchall()
