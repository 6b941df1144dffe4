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
from commands.privacy.case import find_or_none
from domain.personal import Category


class EraseCustomer(Command):
    """At once and in full, on the compliance officer's own authority; what a customer asks for goes
    the way of a privacy request. `at` cannot be given. Twice is as good as once. Raises
    UnderLegalHold."""

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
    find_or_none(desk, command.customer_id)[1].must_not_be_held(tuple(Category))
    events = customer.erase(desk.keys.destroy(history.subject), **desk.when(command))
    return Append(
        writes=[desk.change(history, events, status="fenced")],
        ids={"customer": history.stream},
    )
