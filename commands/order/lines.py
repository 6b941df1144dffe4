"""Lines of a document as they arrive, and the document they may already be on record as."""

from __future__ import annotations

from functools import reduce
from typing import Annotated, TypeAlias, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from commands.command import Desk, History
from commands.fields import Amount, Code, Quantity
from domain.order.events import OrderEvent, OrderLine
from domain.order.order import Order, evolve, sale_line


class Line(BaseModel):
    """Quantity and price with the signs of the document; nothing is left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stock_code: Code
    quantity: Quantity
    unit_price: Amount


Lines: TypeAlias = Annotated[tuple[Line, ...], Field(min_length=1, max_length=10_000)]


def as_lines(lines: tuple[Line, ...]) -> tuple[OrderLine, ...]:
    return tuple(sale_line(line.stock_code, line.quantity, line.unit_price) for line in lines)


def find(desk: Desk, stream: UUID) -> Order | None:
    """What is on record under this number, if anything is."""
    history = desk.record.history(stream)
    return None if history is None else folded(history)


def folded(history: History) -> Order:
    order = reduce(evolve, cast("list[OrderEvent]", history.facts), cast("Order | None", None))
    assert order is not None, "a stream on record has a first fact"
    return order
