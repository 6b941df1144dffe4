"""A customer's standing: on record and not erased, which every request about one depends on."""

from __future__ import annotations

from functools import reduce
from typing import cast
from uuid import UUID

from commands.command import Append, Desk, Guard, History
from domain.customer.customer import Customer
from domain.customer.events import CustomerEvent
from domain.customer.evolve import evolve
from domain.refusal import CustomerErased


def customer_guard(desk: Desk, customer_id: UUID) -> Guard:
    """For a request that writes elsewhere about this customer: they stay unerased until it commits.

    NotFound or CustomerErased if they are not on record now."""
    history = desk.load("customer", customer_id)
    _must_be_open(history)
    return Guard(stream=customer_id, status="open")


def find(desk: Desk, customer_id: UUID) -> tuple[History, Customer]:
    """Where the customer's stream stands and what it adds up to; NotFound or CustomerErased."""
    history = desk.load("customer", customer_id)
    _must_be_open(history)
    return history, folded(history)


def folded(history: History) -> Customer:
    customer = reduce(
        evolve, cast("list[CustomerEvent]", history.facts), cast("Customer | None", None)
    )
    assert customer is not None, "a stream on record has a first fact"
    return customer


def recorded(desk: Desk, history: History, events: list[CustomerEvent], **ids: UUID) -> Append:
    """What was decided about the customer, or an empty answer if that is nothing."""
    writes = [desk.change(history, events)] if events else []
    return Append(writes=writes, ids={"customer": history.stream, **ids})


def _must_be_open(history: History) -> None:
    if history.status == "fenced":
        raise CustomerErased(customer=str(history.stream))
