"""The lines of the retail file's documents as the history tells them, customer by customer.

Which order a cancelled line takes back the file does not say. The reference matches it with the
latest purchase line of the same customer, stock code and price that is not later and not smaller.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from domain.order.events import LineKind
from infra.imports.retail import SOURCE, ZONE
from infra.product import Product

FETCHED = 500
_DOCUMENTS = (
    "SELECT o.customer, c.kind = 'guest', o.number, o.what, o.at, (h.facts->'lines')::text"
    " FROM read.orders o JOIN read.customers c USING (customer)"
    " JOIN read.history h ON h.stream = o.order_id AND h.version = 1"
    ' WHERE o.source = %s ORDER BY o.customer, o.at, o.number COLLATE "C"'
)


class Line(NamedTuple):
    stock_code: str
    quantity: int
    unit_price: Decimal
    kind: str


class Cancellation(NamedTuple):
    """What a cancelling document takes back. `originals` are numbers of orders, in order."""

    customer: UUID
    guest: bool
    at: datetime
    lines: int
    matched_lines: int
    originals: Sequence[str]
    cancelled: Decimal


@dataclass
class Lines:
    """`cancellations` by number; `counts` over the lines of all documents."""

    cancellations: dict[str, Cancellation] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    stock_codes: set[str] = field(default_factory=set)


Purchases = Mapping[tuple[str, Decimal], Sequence[tuple[datetime, str, int]]]


def lines_of(product: Product) -> Lines:
    found = Lines()
    with (
        product.record.connection() as connection,
        connection.transaction(),
        connection.cursor("retail_lines") as cursor,
    ):
        cursor.itersize = FETCHED
        cursor.execute(_DOCUMENTS, (SOURCE,))
        for (customer, guest), group in groupby(cursor, itemgetter(0, 1)):
            purchases: dict[tuple[str, Decimal], list[tuple[datetime, str, int]]]
            purchases = defaultdict(list)
            cancelling = []
            for _, _, number, what, at, text in group:
                lines = list(_lines(text))
                _count(found, what, guest, lines)
                if what == "cancel":
                    cancelling.append((number, at, lines))
                    continue
                for line in lines:
                    if line.kind == LineKind.PURCHASE and not guest:
                        key = line.stock_code, line.unit_price
                        purchases[key].append((at, number, line.quantity))
            for number, at, lines in cancelling:
                found.cancellations[number] = _matched(customer, guest, at, lines, purchases)
    return found


def _matched(
    customer: UUID, guest: bool, at: datetime, lines: Sequence[Line], purchases: Purchases
) -> Cancellation:
    originals = [original for line in lines if (original := _original(line, at, purchases))]
    return Cancellation(
        customer=customer,
        guest=guest,
        at=at,
        lines=len(lines),
        matched_lines=len(originals),
        originals=sorted(set(originals)),
        cancelled=-sum((line.quantity * line.unit_price for line in lines), Decimal(0)),
    )


def _original(line: Line, at: datetime, purchases: Purchases) -> str | None:
    bought = purchases.get((line.stock_code, line.unit_price), ())
    for index in range(bisect_right(bought, at, key=itemgetter(0)) - 1, -1, -1):
        _, number, quantity = bought[index]
        if quantity >= -line.quantity:
            return number
    return None


def _count(found: Lines, what: str, guest: bool, lines: Sequence[Line]) -> None:
    counts = found.counts
    counts[f"lines_kind_{what}"] += len(lines)
    counts["lines_without_customer"] += guest * len(lines)
    for line in lines:
        found.stock_codes.add(line.stock_code)
        counts["lines_price_negative"] += line.unit_price < 0
        if what == "cancel":
            counts["cancel_lines_quantity_positive"] += line.quantity > 0
            continue
        counts["sale_lines_price_zero"] += not line.unit_price
        counts["sale_lines_quantity_negative"] += line.quantity < 0
        counts["purchase_lines_with_customer"] += line.kind == LineKind.PURCHASE and not guest


def _lines(text: str) -> Iterator[Line]:
    for line in orjson.loads(text):
        yield Line(line["stock_code"], line["quantity"], Decimal(line["unit_price"]), line["kind"])


def wall_clock_of(at: datetime, zone: ZoneInfo = ZONE) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")
