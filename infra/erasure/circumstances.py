"""What the read models know that decides whether data have to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from projections.catalogue import PROJECTIONS
from projections.table import SEALED_MAP

ORDERS, CASES = "orders", ("tickets", "complaints")


class Circumstances(NamedTuple):
    """`last_order_on`: the day (UTC) of the latest order; `open_cases`: tickets and complaints not
    closed; `position`: up to which all of these tables have read."""

    last_order_on: date | None
    open_cases: int
    position: int


def circumstances(connection: Connection[Any], customer: UUID) -> Circumstances:
    """As of one snapshot. UndefinedTable if the read models were never built."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        row = connection.execute(
            "SELECT (SELECT max(at AT TIME ZONE 'UTC')::date FROM read.orders"
            " WHERE customer = %(c)s),"
            " (SELECT count(*) FROM read.tickets WHERE customer = %(c)s AND closed_at IS NULL)"
            " + (SELECT count(*) FROM read.complaints WHERE customer = %(c)s"
            " AND closed_at IS NULL), (SELECT coalesce(min(t.position), 0) FROM es.tracking t"
            " JOIN es.projection p USING (name, version)"
            " WHERE p.state = 'live' AND name = ANY(%(read)s))",
            {"c": customer, "read": [ORDERS, *CASES]},
        ).fetchone()
    assert row is not None
    return Circumstances(*row)


def read_up_to(connection: Connection[Any]) -> int:
    """The position that every live read model has passed."""
    row = connection.execute(
        "SELECT coalesce(min(t.position), 0) FROM es.tracking t"
        " JOIN es.projection p USING (name, version) WHERE p.state = 'live'"
    ).fetchone()
    assert row is not None
    return int(row[0])


def tokens_left(
    connection: Connection[Any], name: str, customer: UUID, marks: Sequence[str]
) -> int:
    """How many rows of a read model still hold a token of this person that begins with a mark."""
    table = PROJECTIONS[name].table
    held = " OR ".join(
        f"EXISTS (SELECT FROM json_each_text({column}) WHERE left(value, 4) = ANY(%(marks)s))"
        if column == SEALED_MAP
        else f"left({column}, 4) = ANY(%(marks)s)"
        for column in table.tokens
    )
    row = connection.execute(
        f"SELECT count(*) FROM read.{table.name} WHERE customer = %(customer)s AND ({held})",
        {"customer": customer, "marks": list(marks)},
    ).fetchone()
    assert row is not None
    return int(row[0])
