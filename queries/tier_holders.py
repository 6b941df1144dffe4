"""Who holds a tier under a scheme, given on the strength of a day up to another one?"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection


def tier_holders(db: Connection[Any], scheme: str, as_of: date) -> set[UUID]:
    """Customers last evaluated as of that day or an earlier one; nobody who was erased."""
    rows = db.execute(
        """
        SELECT t.customer FROM read.tier_view t JOIN read.customers c USING (customer)
        WHERE t.scheme = %s AND t.evaluated_as_of <= %s AND c.erased_at IS NULL
        """,
        (scheme, as_of),
    ).fetchall()
    return {customer for (customer,) in rows}
