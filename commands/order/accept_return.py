"""Goods of an order come back and are accepted."""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from commands.command import Append, Command, Desk
from commands.customer.standing import customer_guard
from commands.fields import Amount, Code
from commands.order.lines import folded
from domain.order.events import ReturnReason
from domain.order.order import ReturnedItem


class Item(BaseModel):
    """Code and price as they stand on the order: one code may have been sold at two prices."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stock_code: Code
    unit_price: Amount
    quantity: int = Field(gt=0, lt=10**7)


class AcceptReturn(Command):
    PURPOSE: ClassVar[str] = "dpv:ServiceProvision"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "crm_admin", "importer"}
    )

    order_id: UUID
    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=10_000)]
    why: ReturnReason


def accept_return(command: AcceptReturn, desk: Desk) -> Append:
    history = desk.load("order", command.order_id)
    guard = customer_guard(desk, history.subject)
    items = [ReturnedItem(**item.model_dump()) for item in command.items]
    events = folded(history).accept_return(items, command.why, **desk.when(command))
    return Append(
        writes=[desk.change(history, events)], guards=[guard], ids={"order": history.stream}
    )
