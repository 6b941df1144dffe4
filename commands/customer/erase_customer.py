"""A customer's personal data are made unreadable for good (CB-15.2b).

The keys are destroyed before the event is recorded: if recording fails the request is repeated,
and destroying what is already destroyed changes nothing. Whatever can be refused is refused before
that. The other order could leave an erasure on record that never happened.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.customer.standing import folded


class EraseCustomer(Command):
    """Erasure happens when it is asked for, so `at` cannot be given. Twice is as good as once."""

    PURPOSE: ClassVar[str] = "dpv:RightsFulfilment"
    ROLES: ClassVar[frozenset[str]] = frozenset({"crm_admin", "compliance_officer"})

    at: None = None
    customer_id: UUID


def erase_customer(command: EraseCustomer, desk: Desk) -> Append:
    history = desk.load("customer", command.customer_id)
    customer = folded(history)
    if customer.erased:
        return Append(writes=[], ids={"customer": history.stream})
    desk.must_match(history)
    events = customer.erase(desk.keys.destroy(history.subject), **desk.when(command))
    return Append(
        writes=[desk.change(history, events, status="fenced")],
        ids={"customer": history.stream},
    )
