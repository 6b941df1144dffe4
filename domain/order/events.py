"""Events of an order, and the lines of its documents.

Money is a Decimal in the currency named beside it and is never rounded: the prices of a real shop
go down to thousandths of a pound, and rounding a line to pence would make totals differ from the
shop's own books.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.event import Event, Frozen
from domain.terms import Country, Currency


class LineKind(StrEnum):
    """What a line is. Only `purchase` lines count as bought.

    `free`: a quantity at no price, or below it. `write_off`: a quantity of nought or less on a
    sale. `cancelled` and `returned` lines stand on the documents that take goods back.
    """

    PURCHASE = "purchase"
    FREE = "free"
    WRITE_OFF = "write_off"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class OrderLine(Frozen):
    """A line as the document has it, sign and all. Stock codes differ by case, too."""

    stock_code: str
    quantity: int
    unit_price: Decimal
    kind: LineKind

    @property
    def total(self) -> Decimal:
        return self.quantity * self.unit_price


class OrderPlaced(Event):
    """`amount` is the total of the purchase lines: above nought if anything was bought."""

    customer: UUID
    source: str
    number: str
    currency: Currency
    lines: tuple[OrderLine, ...]
    amount: Decimal
    country: Country | None = None


class OrderCancelled(Event):
    """`amount` is what all lines together take back: above nought where quantities are below.

    `source` and `number` are those of the cancelling document.
    """

    customer: UUID
    source: str
    number: str
    currency: Currency
    lines: tuple[OrderLine, ...]
    amount: Decimal
    country: Country | None = None
    matched_order: UUID | None = None


class ReturnReason(StrEnum):
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    NOT_AS_DESCRIBED = "not_as_described"
    CHANGED_MIND = "changed_mind"
    LATE = "late"
    OTHER = "other"


class ReturnAccepted(Event):
    """Goods of this order come back. Quantities and `amount` are positive."""

    reason: ReturnReason
    currency: Currency
    lines: tuple[OrderLine, ...]
    amount: Decimal


OrderEvent = OrderPlaced | OrderCancelled | ReturnAccepted
