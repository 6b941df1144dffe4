"""Placing, cancelling and returning."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce
from uuid import UUID

import pytest

from domain.order.events import (
    LineKind,
    OrderCancelled,
    OrderEvent,
    OrderLine,
    OrderPlaced,
    ReturnAccepted,
    ReturnReason,
)
from domain.order.order import (
    DocumentAlreadyRecorded,
    MoreReturnedThanBought,
    NoLines,
    NotAnOrder,
    Order,
    OrderOfAnotherCustomer,
    ReturnedItem,
    cancel,
    evolve,
    order_id,
    place,
    sale_line,
)

NOON = datetime(2010, 12, 1, 12, tzinfo=UTC)
ADA, BOB = UUID(int=1), UUID(int=2)
LINES = (
    sale_line("85123A", 6, Decimal("2.55")),
    sale_line("85123a", 2, Decimal("0.001")),
    sale_line("85123A", 1, Decimal("0")),
    sale_line("22139", -20, Decimal("0")),
)


def placed(lines: tuple[OrderLine, ...] = LINES, found: Order | None = None) -> list[OrderEvent]:
    return place(
        found, lines, customer=ADA, source="shop", number="536365", currency="GBP", at=NOON
    )


def cancelled(
    quantity: int = -6,
    customer: UUID = ADA,
    matched: Order | None = None,
    found: Order | None = None,
) -> list[OrderEvent]:
    return cancel(
        found,
        (sale_line("85123A", quantity, Decimal("2.55")),),
        customer=customer,
        source="shop",
        number="C536379",
        currency="GBP",
        matched_order=order_id("shop", "536365") if matched else None,
        matched=matched,
        at=NOON,
    )


def given(*events: OrderEvent) -> Order:
    order = reduce(evolve, events, None)
    assert order is not None
    return order


def back(code: str, price: str, quantity: int) -> ReturnedItem:
    return ReturnedItem(stock_code=code, unit_price=Decimal(price), quantity=quantity)


class TestLines:
    @pytest.mark.parametrize(
        ("quantity", "price", "kind"),
        [
            (1, "0.001", LineKind.PURCHASE),
            (1, "0", LineKind.FREE),
            (1, "-1", LineKind.FREE),
            (0, "1", LineKind.WRITE_OFF),
            (-1, "1", LineKind.WRITE_OFF),
            (-1, "0", LineKind.WRITE_OFF),
        ],
    )
    def test_of_a_sale_are_what_their_signs_say(
        self, quantity: int, price: str, kind: LineKind
    ) -> None:
        assert sale_line("X", quantity, Decimal(price)).kind is kind


class TestPlacing:
    @pytest.mark.clause("CB-7.1b")
    def test_keeps_every_line_and_totals_the_purchases_exactly(self) -> None:
        assert placed() == [
            OrderPlaced(
                customer=ADA,
                source="shop",
                number="536365",
                currency="GBP",
                lines=LINES,
                amount=Decimal("15.302"),
                at=NOON,
            )
        ]

    def test_of_write_offs_alone_amounts_to_nothing(self) -> None:
        [event] = placed(LINES[2:])
        assert isinstance(event, OrderPlaced)
        assert event.amount == 0

    def test_again_is_no_event(self) -> None:
        assert placed(found=given(*placed())) == []

    def test_something_else_under_the_same_number_is_refused(self) -> None:
        with pytest.raises(DocumentAlreadyRecorded) as refused:
            placed(LINES[:1], given(*placed()))
        assert refused.value.parameters == {"order": order_id("shop", "536365")}

    def test_needs_lines(self) -> None:
        with pytest.raises(NoLines):
            placed(())


class TestCancelling:
    def test_is_a_document_of_its_own(self) -> None:
        assert cancelled() == [
            OrderCancelled(
                customer=ADA,
                source="shop",
                number="C536379",
                currency="GBP",
                lines=(
                    OrderLine(
                        stock_code="85123A",
                        quantity=-6,
                        unit_price=Decimal("2.55"),
                        kind=LineKind.CANCELLED,
                    ),
                ),
                amount=Decimal("15.30"),
                at=NOON,
            )
        ]
        assert cancelled(found=given(*cancelled())) == []

    def test_with_quantities_above_nought_takes_nothing_back(self) -> None:
        [event] = cancelled(quantity=1)
        assert isinstance(event, OrderCancelled)
        assert event.amount == Decimal("-2.55")

    def test_names_the_order_if_it_is_known(self) -> None:
        [event] = cancelled(matched=given(*placed()))
        assert isinstance(event, OrderCancelled)
        assert event.matched_order == order_id("shop", "536365")

    def test_of_what_another_customer_bought_is_refused(self) -> None:
        with pytest.raises(OrderOfAnotherCustomer):
            cancelled(customer=BOB, matched=given(*placed()))

    def test_of_a_cancellation_is_refused(self) -> None:
        with pytest.raises(NotAnOrder):
            cancelled(matched=given(*cancelled()))


class TestReturning:
    def test_is_priced_as_it_was_bought(self) -> None:
        item = back("85123A", "2.55", 2)
        assert given(*placed()).accept_return([item], ReturnReason.DAMAGED, at=NOON) == [
            ReturnAccepted(
                reason=ReturnReason.DAMAGED,
                currency="GBP",
                lines=(
                    OrderLine(
                        stock_code="85123A",
                        quantity=2,
                        unit_price=Decimal("2.55"),
                        kind=LineKind.RETURNED,
                    ),
                ),
                amount=Decimal("5.10"),
                at=NOON,
            )
        ]

    @pytest.mark.parametrize(
        ("items", "left"),
        [
            ([back("85123A", "2.55", 7)], 6),
            ([back("85123A", "2.55", 4), back("85123A", "2.55", 3)], 2),
            ([back("85123A", "0.001", 1)], 0),
            ([back("85123A", "0", 1)], 0),
            ([back("22139", "0", 1)], 0),
        ],
    )
    def test_of_more_than_was_bought_is_refused(self, items: list[ReturnedItem], left: int) -> None:
        with pytest.raises(MoreReturnedThanBought) as refused:
            given(*placed()).accept_return(items, ReturnReason.OTHER, at=NOON)
        assert refused.value.parameters["left"] == left

    def test_counts_what_came_back_before(self) -> None:
        order = given(*placed())
        events = order.accept_return([back("85123A", "2.55", 5)], ReturnReason.LATE, at=NOON)
        with pytest.raises(MoreReturnedThanBought) as refused:
            given(*placed(), *events).accept_return(
                [back("85123A", "2.550", 2)], ReturnReason.LATE, at=NOON
            )
        assert refused.value.parameters["left"] == 1

    def test_on_a_cancellation_is_refused(self) -> None:
        with pytest.raises(NotAnOrder):
            given(*cancelled()).accept_return(
                [back("85123A", "2.55", 1)], ReturnReason.OTHER, at=NOON
            )


def test_a_number_names_one_stream_per_shop() -> None:
    assert order_id("shop", "1") == order_id("shop", "1")
    ids = {order_id("shop", "1"), order_id("shop", "C1"), order_id("sho", "p1")}
    assert len(ids) == 3
