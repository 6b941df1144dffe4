"""The orders: one row per document of a shop, whether it sells or cancels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.order.events import LineKind, OrderCancelled, OrderPlaced, ReturnAccepted
from projections.projection import Entry, Projection, Rows
from projections.table import Table

SALE, CANCEL = "sale", "cancel"


@dataclass(slots=True)
class OrderRow:
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
    matched_order: UUID | None = None
    returned: Decimal = Decimal(0)
    returns: int = 0


def fold(rows: Rows[OrderRow], entry: Entry) -> None:
    """A cancellation's amount is what it takes back."""
    header, event = entry.header, entry.event
    match event:
        case OrderPlaced() | OrderCancelled():
            sells = isinstance(event, OrderPlaced)
            rows[header.stream] = OrderRow(
                order_id=header.stream,
                customer=header.subject,
                source=event.source,
                number=event.number,
                what=SALE if sells else CANCEL,
                at=event.at,
                at_precision=event.at_precision,
                country=event.country,
                currency=event.currency,
                amount=event.amount,
                lines=len(event.lines),
                purchase_lines=sum(line.kind is LineKind.PURCHASE for line in event.lines),
                matched_order=event.matched_order if isinstance(event, OrderCancelled) else None,
            )
        case ReturnAccepted():
            row = rows[header.stream]
            row.returned += event.amount
            row.returns += 1


ORDERS = Projection(
    name="orders",
    version=1,
    table=Table(
        name="orders",
        says="One row per document of a shop: what was bought, or taken back, and when",
        row=OrderRow,
        key=("order_id",),
        indexes=("(customer, at)", "(country)"),
    ),
    on=(OrderPlaced, OrderCancelled, ReturnAccepted),
    fold=fold,
    parks_by="stream",
)
