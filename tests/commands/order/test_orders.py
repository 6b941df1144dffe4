"""Orders are placed, cancelled and returned, through the record."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from commands.command import Command, Guard
from commands.customer.register_customer import RegisterCustomer
from commands.order.accept_return import AcceptReturn, Item
from commands.order.cancel_order import CancelOrder, cancel_order
from commands.order.lines import Line
from commands.order.place_order import PlaceOrder, place_order
from domain.order.events import OrderCancelled, OrderPlaced, ReturnAccepted, ReturnReason
from domain.order.order import (
    DocumentAlreadyRecorded,
    MoreReturnedThanBought,
    NotAnOrder,
    OrderOfAnotherCustomer,
    order_id,
)
from domain.refusal import NotFound
from domain.terms import CollectionSource
from infra.dispatch import Caller
from tests.commands.office import Office


def registered(office: Office) -> UUID:
    return office.ask(RegisterCustomer(collection_source=CollectionSource.PLATFORM_BACKEND)).ids[
        "customer"
    ]


def line(quantity: int = 3, price: str = "0.001") -> Line:
    return Line(stock_code="PADS", quantity=quantity, unit_price=Decimal(price))


def sale(customer: UUID, *lines: Line, **other: Any) -> PlaceOrder:
    return PlaceOrder(
        customer_id=customer,
        source="shop",
        number="536365",
        currency="GBP",
        lines=lines or (line(),),
        **other,
    )


def cancellation(customer: UUID, matched_order: UUID | None = None) -> CancelOrder:
    return CancelOrder(
        customer_id=customer,
        source="shop",
        number="C536379",
        currency="GBP",
        lines=(line(-1),),
        matched_order=matched_order,
    )


def test_a_sale_is_a_stream_named_after_its_number(office: Office) -> None:
    customer = registered(office)
    result = office.ask(sale(customer, line(), line(-5, "0")))
    order = order_id("shop", "536365")
    assert result.ids == {"order": order, "customer": customer}
    [placed] = office.on_record(order, OrderPlaced)
    assert (placed.customer, placed.amount) == (customer, Decimal("0.003"))
    assert [item.kind for item in placed.lines] == ["purchase", "write_off"]
    assert office.header(order, "OrderPlaced").subject == customer


def test_the_same_sale_again_records_nothing(office: Office) -> None:
    customer = registered(office)
    office.ask(sale(customer))
    assert office.ask(sale(customer)).position is None
    with pytest.raises(DocumentAlreadyRecorded):
        office.ask(sale(customer, line(4)))


def test_a_cancellation_may_match_no_order(office: Office) -> None:
    customer = registered(office)
    office.ask(cancellation(customer))
    [cancelled] = office.on_record(order_id("shop", "C536379"), OrderCancelled)
    assert (cancelled.amount, cancelled.matched_order) == (Decimal("0.001"), None)


def test_a_cancellation_matches_an_order_of_the_same_customer(office: Office) -> None:
    customer, other = registered(office), registered(office)
    order = office.ask(sale(customer)).ids["order"]
    with pytest.raises(OrderOfAnotherCustomer):
        office.ask(cancellation(other, order))
    with pytest.raises(NotFound):
        office.ask(cancellation(customer, customer))
    document = office.ask(cancellation(customer, order)).ids["order"]
    [cancelled] = office.on_record(document, OrderCancelled)
    assert cancelled.matched_order == order
    with pytest.raises(NotAnOrder):
        office.ask(
            AcceptReturn(
                order_id=document,
                why=ReturnReason.OTHER,
                items=(Item(stock_code="PADS", unit_price=Decimal("0.001"), quantity=1),),
            )
        )


def test_a_return_is_recorded_with_the_order(office: Office) -> None:
    order = office.ask(sale(registered(office))).ids["order"]
    back = AcceptReturn(
        order_id=order,
        why=ReturnReason.DAMAGED,
        items=(Item(stock_code="PADS", unit_price=Decimal("0.001"), quantity=2),),
    )
    office.ask(back)
    [accepted] = office.on_record(order, ReturnAccepted)
    assert accepted.amount == Decimal("0.002")
    with pytest.raises(MoreReturnedThanBought):
        office.ask(back)


def test_the_customer_must_still_be_there_when_it_is_recorded(office: Office) -> None:
    customer = registered(office)
    order = office.ask(sale(customer)).ids["order"]
    desk = office.dispatcher.desk(Caller("ann", "importer"))
    kept = Guard(stream=customer, status="open")
    assert place_order(sale(customer), desk).guards == [kept]
    assert cancel_order(cancellation(customer, order), desk).guards == [
        kept,
        Guard(stream=order, status="open"),
    ]


def test_an_order_of_nobody_is_refused(office: Office) -> None:
    with pytest.raises(NotFound):
        office.ask(sale(UUID(int=99)))


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        (PlaceOrder, {"lines": []}),
        (PlaceOrder, {"currency": "pounds"}),
        (PlaceOrder, {"amount": "1"}),
        (PlaceOrder, {"lines": [{"stock_code": "X", "quantity": 1.5, "unit_price": "1"}]}),
        (PlaceOrder, {"lines": [{"stock_code": "X", "quantity": 1, "unit_price": "NaN"}]}),
        (PlaceOrder, {"lines": [{"stock_code": "", "quantity": 1, "unit_price": "1"}]}),
        (CancelOrder, {"matched_order": "536365"}),
    ],
)
def test_malformed_is_refused_on_arrival(command: type[Command], wrong: dict[str, Any]) -> None:
    sent = sale(UUID(int=1)).model_dump(mode="json")
    assert command.model_validate(sent) is not None
    with pytest.raises(ValidationError):
        command.model_validate(sent | wrong)
