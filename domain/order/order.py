"""Decisions about orders: placing, cancelling, taking goods back.

Each document of a shop is a stream of its own, named after the shop and the document's number. A
cancelling document is recorded the same way, as a stream that begins with `OrderCancelled`: shops
issue it under a number of its own, cancel parts of several orders with it, and often do not say
which. `matched_order` names the order if it is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Unpack, assert_never
from uuid import UUID

from domain.event import Frozen
from domain.order.events import (
    LineKind,
    OrderCancelled,
    OrderEvent,
    OrderLine,
    OrderPlaced,
    ReturnAccepted,
    ReturnReason,
)
from domain.outside import outside_id
from domain.refusal import Refused
from domain.terms import Country, Currency
from domain.when import When


class DocumentAlreadyRecorded(Refused):
    """A document of this number is on record and says something else. Parameters: order."""


class NoLines(Refused):
    """A document without lines records nothing."""


class NotAnOrder(Refused):
    """This document cancels; nothing was bought on it. Parameters: order."""


class OrderOfAnotherCustomer(Refused):
    """A customer cancels their own orders only. Parameters: order, customer."""


class MoreReturnedThanBought(Refused):
    """No more comes back than was bought and has not come back yet.

    Parameters: stock_code, unit_price, left."""


class ReturnedItem(Frozen):
    """So many of what was bought under this code at this price."""

    stock_code: str
    unit_price: Decimal
    quantity: int


class Order(Frozen):
    """`document` is what the stream begins with; `returned` counts by stock code and price."""

    document: OrderPlaced | OrderCancelled
    returned: Counter[tuple[str, Decimal]]

    def accept_return(
        self, items: Sequence[ReturnedItem], reason: ReturnReason, **when: Unpack[When]
    ) -> list[OrderEvent]:
        if not isinstance(self.document, OrderPlaced):
            raise NotAnOrder(order=order_id(self.document.source, self.document.number))
        if not items:
            raise NoLines
        left = _count(line for line in self.document.lines if line.kind is LineKind.PURCHASE)
        left.subtract(self.returned)
        for item in items:
            key = (item.stock_code, item.unit_price)
            if item.quantity > left[key]:
                raise MoreReturnedThanBought(
                    stock_code=item.stock_code, unit_price=item.unit_price, left=left[key]
                )
            left[key] -= item.quantity
        lines = tuple(
            OrderLine(
                stock_code=item.stock_code,
                quantity=item.quantity,
                unit_price=item.unit_price,
                kind=LineKind.RETURNED,
            )
            for item in items
        )
        return [
            ReturnAccepted(
                reason=reason,
                currency=self.document.currency,
                lines=lines,
                amount=_total(lines),
                **when,
            )
        ]


def order_id(source: str, number: str) -> UUID:
    """The stream of a document, whether it sells or cancels."""
    return outside_id("order", source, number)


def sale_line(stock_code: str, quantity: int, unit_price: Decimal) -> OrderLine:
    if quantity <= 0:
        kind = LineKind.WRITE_OFF
    elif unit_price <= 0:
        kind = LineKind.FREE
    else:
        kind = LineKind.PURCHASE
    return OrderLine(stock_code=stock_code, quantity=quantity, unit_price=unit_price, kind=kind)


def place(
    found: Order | None,
    lines: tuple[OrderLine, ...],
    *,
    customer: UUID,
    source: str,
    number: str,
    currency: Currency,
    country: Country | None = None,
    **when: Unpack[When],
) -> list[OrderEvent]:
    """`found` is what is already on record under this number: the same again is no event."""
    bought = [line for line in lines if line.kind is LineKind.PURCHASE]
    return _record(
        found,
        OrderPlaced(
            customer=customer,
            source=source,
            number=number,
            currency=currency,
            lines=lines,
            amount=_total(bought),
            country=country,
            **when,
        ),
    )


def cancel(
    found: Order | None,
    lines: tuple[OrderLine, ...],
    *,
    customer: UUID,
    source: str,
    number: str,
    currency: Currency,
    country: Country | None = None,
    matched_order: UUID | None = None,
    matched: Order | None = None,
    **when: Unpack[When],
) -> list[OrderEvent]:
    """`matched` is the order behind `matched_order`, where the shop says which one it cancels.

    Lines come with the signs of the document, quantities below nought as a rule.
    """
    if matched is not None:
        if not isinstance(matched.document, OrderPlaced):
            raise NotAnOrder(order=matched_order)
        if matched.document.customer != customer:
            raise OrderOfAnotherCustomer(order=matched_order, customer=customer)
    return _record(
        found,
        OrderCancelled(
            customer=customer,
            source=source,
            number=number,
            currency=currency,
            lines=tuple(replace(line, kind=LineKind.CANCELLED) for line in lines),
            amount=-_total(lines),
            country=country,
            matched_order=matched_order,
            **when,
        ),
    )


def evolve(order: Order | None, event: OrderEvent) -> Order:
    if isinstance(event, OrderPlaced | OrderCancelled):
        return Order(document=event, returned=Counter())
    assert order is not None, "an order's history begins with its document"
    match event:
        case ReturnAccepted():
            return replace(order, returned=order.returned + _count(event.lines))
        case _:
            assert_never(event)


def _record(found: Order | None, document: OrderPlaced | OrderCancelled) -> list[OrderEvent]:
    if not document.lines:
        raise NoLines
    if found is None:
        return [document]
    if found.document == document:
        return []
    raise DocumentAlreadyRecorded(order=order_id(document.source, document.number))


def _count(lines: Iterable[OrderLine]) -> Counter[tuple[str, Decimal]]:
    count: Counter[tuple[str, Decimal]] = Counter()
    for line in lines:
        count[line.stock_code, line.unit_price] += line.quantity
    return count


def _total(lines: Iterable[OrderLine]) -> Decimal:
    """Exact: prices of up to 14 digits and quantities of up to 7 leave the 28 digits of Decimal
    room for ten million lines."""
    return sum((line.total for line in lines), Decimal(0))
