"""One customer, order, ticket or complaint over HTTP, with its entity tag."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias
from uuid import UUID

from psycopg import Connection
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from infra.http.asked import product_of
from infra.http.reading import absent, question_router, snapshot
from infra.http.scope import Scope, Scoped
from infra.http.tags import tagged
from queries.complaint_shown import ComplaintShown, complaint_shown
from queries.customer_shown import CustomerShown, customer_shown
from queries.fact_version import fact_version
from queries.orders_of_customer import OrderFound, order_shown
from queries.ticket_shown import TicketShown, ticket_shown

router = question_router()
Shown: TypeAlias = CustomerShown | OrderFound | TicketShown | ComplaintShown


class Versioned(BaseModel):
    version: int = Field(description="Of the last fact shown: what If-Match compares")


class OneCustomer(CustomerShown, Versioned):
    """One customer; `sealed` holds tokens."""


class OneOrder(OrderFound, Versioned):
    """One document of a shop."""


class OneTicket(TicketShown, Versioned):
    """One ticket with its promises by time."""


class OneComplaint(ComplaintShown, Versioned):
    """One complaint with its promises by time."""


@router.get("/customers/{customer}", operation_id="customer", response_model=OneCustomer)
def customer_by_id(request: Request, scope: Scoped, customer: UUID) -> Response:
    """One customer; `sealed` holds tokens, none once the person has been erased."""
    return _one(request, scope, "customer", customer, customer_shown, OneCustomer, "customers")


@router.get("/orders/{order}", operation_id="order", response_model=OneOrder)
def order_by_id(request: Request, scope: Scoped, order: UUID) -> Response:
    """One order or cancellation."""
    return _one(request, scope, "order", order, order_shown, OneOrder, "orders")


@router.get("/tickets/{ticket}", operation_id="ticket", response_model=OneTicket)
def ticket_by_id(request: Request, scope: Scoped, ticket: UUID) -> Response:
    """One ticket with its promises by time; `subject_token` is sealed."""
    return _one(request, scope, "ticket", ticket, ticket_shown, OneTicket, "tickets", "sla_timers")


@router.get("/complaints/{complaint}", operation_id="complaint", response_model=OneComplaint)
def complaint_by_id(request: Request, scope: Scoped, complaint: UUID) -> Response:
    """One complaint with its promises by time."""
    tables = ("complaints", "sla_timers")
    return _one(request, scope, "complaint", complaint, complaint_shown, OneComplaint, *tables)


def _one(
    request: Request,
    scope: Scope,
    kind: str,
    identity: UUID,
    query: Callable[[Connection[Any], UUID], Shown | None],
    answer: type[BaseModel],
    *shown_by: str,
) -> Response:
    scope.must_reach(kind, identity)
    with snapshot(request, scope) as connection:
        shown = query(connection, identity)
        version = fact_version(connection, identity, shown_by)
    if shown is None or version is None:
        raise absent(product_of(request), kind, identity)
    scope.note_seen([shown.customer])
    return tagged(request, answer(**dict(shown), version=version), version)
