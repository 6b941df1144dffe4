"""A customer has bought something: one sales document of a shop, with all its lines."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.customer.standing import customer_guard
from commands.fields import Code, CountryCode, CurrencyCode
from commands.order.lines import Lines, as_lines, find
from domain.order.order import order_id, place


class PlaceOrder(Command):
    """`source` is the shop, `number` that of its document. The order's id follows from the two."""

    PURPOSE: ClassVar[str] = "dpv:ServiceProvision"
    ROLES: ClassVar[frozenset[str]] = frozenset({"sales", "supervisor", "crm_admin", "importer"})

    customer_id: UUID
    source: Code
    number: Code
    currency: CurrencyCode
    lines: Lines
    country: CountryCode | None = None


def place_order(command: PlaceOrder, desk: Desk) -> Append:
    guard = customer_guard(desk, command.customer_id)
    order = order_id(command.source, command.number)
    events = place(
        find(desk, order),
        as_lines(command.lines),
        customer=command.customer_id,
        source=command.source,
        number=command.number,
        currency=command.currency,
        country=command.country,
        **desk.when(command),
    )
    writes = [desk.begin("order", order, command.customer_id, events)] if events else []
    return Append(writes=writes, guards=[guard], ids={"order": order})
