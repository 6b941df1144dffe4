"""A shop takes a sale back, wholly or in part, by a document of its own."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk, Guard
from commands.customer.standing import customer_guard
from commands.fields import Code, CountryCode, CurrencyCode
from commands.order.lines import Lines, as_lines, find, folded
from domain.order.order import cancel, order_id


class CancelOrder(Command):
    """`number` is that of the cancelling document, which gets a stream of its own.

    `matched_order` is the order it cancels, if the shop says so. Lines come with the document's
    signs: quantities below nought.
    """

    PURPOSE: ClassVar[str] = "dpv:ServiceProvision"
    ROLES: ClassVar[frozenset[str]] = frozenset({"sales", "supervisor", "crm_admin", "importer"})

    customer_id: UUID
    source: Code
    number: Code
    currency: CurrencyCode
    lines: Lines
    country: CountryCode | None = None
    matched_order: UUID | None = None


def cancel_order(command: CancelOrder, desk: Desk) -> Append:
    guards = [customer_guard(desk, command.customer_id)]
    matched = None
    if command.matched_order is not None:
        matched = folded(desk.load("order", command.matched_order))
        guards.append(Guard(stream=command.matched_order, status="open"))
    document = order_id(command.source, command.number)
    events = cancel(
        find(desk, document),
        as_lines(command.lines),
        customer=command.customer_id,
        source=command.source,
        number=command.number,
        currency=command.currency,
        country=command.country,
        matched_order=command.matched_order,
        matched=matched,
        **desk.when(command),
    )
    writes = [desk.begin("order", document, command.customer_id, events)] if events else []
    return Append(writes=writes, guards=guards, ids={"order": document})
