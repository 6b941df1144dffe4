"""Lists over HTTP, page by page. Personal values stay sealed in all of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query
from pydantic import AwareDatetime
from starlette.requests import Request

from domain.terms import Channel, Severity, Tier
from infra.http.asked import product_of
from infra.http.paging import Page, Paging
from infra.http.reading import absent, question_router
from infra.http.scope import Scoped
from infra.product import now
from projections import complaints as complaint_rows
from projections import tickets as ticket_rows
from queries.breaches_as_of import Breach, breaches_as_of
from queries.complaints_found import ComplaintFound, complaints_found
from queries.customer_shown import customer_shown
from queries.customers_found import CustomerFound, customers_found
from queries.customers_of_tier import TierHolder, customers_of_tier
from queries.orders_of_customer import OrderFound, orders_of_customer
from queries.tickets_found import TicketFound, tickets_found
from queries.tiers_held import TierHeld, tiers_held


class TicketState(StrEnum):
    RECEIVED = ticket_rows.RECEIVED
    IN_PROGRESS = ticket_rows.IN_PROGRESS
    WAITING = ticket_rows.WAITING
    RESOLVED = ticket_rows.RESOLVED
    CLOSED = ticket_rows.CLOSED


class ComplaintState(StrEnum):
    RECEIVED = complaint_rows.RECEIVED
    REGISTERED = complaint_rows.REGISTERED
    INVESTIGATED = complaint_rows.INVESTIGATED
    PLANNED = complaint_rows.PLANNED
    RESOLVED = complaint_rows.RESOLVED
    REOPENED = complaint_rows.REOPENED
    CLOSED = complaint_rows.CLOSED


class CaseKind(StrEnum):
    TICKET = "ticket"
    COMPLAINT = "complaint"


Pages = Annotated[Paging, Depends()]
Country = Annotated[str | None, Query(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]
Market = Annotated[str | None, Query(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]
Code = r"^[\w.:/#+ -]+$"
Owner = Annotated[
    str | None, Query(max_length=100, pattern=Code, description="Who works on it, by staff id")
]
Team = Annotated[str | None, Query(max_length=100, pattern=Code, description="The group's code")]
Number = Annotated[
    str | None, Query(max_length=100, pattern=Code, description="As the outside system counts it")
]
Source = Annotated[
    str | None, Query(max_length=100, pattern=Code, description="An outside system's name")
]
OfCustomer = Annotated[UUID | None, Query(description="Those of one customer")]
moment = datetime.fromisoformat
router = question_router()


@router.get("/customers", operation_id="customers")
def customers(
    request: Request,
    scope: Scoped,
    paging: Pages,
    country: Country = None,
    tier: Annotated[Tier | None, Query(description="The tier held")] = None,
    market: Market = None,
    guests: Annotated[bool, Query(description="Buyers of one invoice that nobody knows")] = False,
) -> Page[CustomerFound]:
    """Customers, the latest registered first; guests are left out unless asked for."""
    with product_of(request).record.connection() as connection:
        rows = customers_found(
            connection,
            country=country,
            tier=tier,
            market=market,
            guests=guests,
            after=paging.behind(moment, UUID),
            limit=paging.wanted,
            within=scope.within,
        )
    return paging.page(rows, lambda row: (row.registered_at, row.customer))


@router.get("/customers/{customer}/orders", operation_id="orders_of_customer")
def orders(request: Request, scope: Scoped, paging: Pages, customer: UUID) -> Page[OrderFound]:
    """The orders and cancellations of a customer, the latest first."""
    scope.must_reach("customer", customer)
    product = product_of(request)
    with product.record.connection() as connection:
        rows = orders_of_customer(
            connection, customer, after=paging.behind(moment, UUID), limit=paging.wanted
        )
        unknown = not rows and customer_shown(connection, customer) is None
    if unknown:
        raise absent(product, "customer", customer)
    scope.note_seen([customer])
    return paging.page(rows, lambda row: (row.at, row.order_id))


@router.get("/tickets", operation_id="tickets")
def tickets(
    request: Request,
    scope: Scoped,
    paging: Pages,
    customer: OfCustomer = None,
    state: Annotated[TicketState | None, Query(description="Where it stands")] = None,
    owner: Owner = None,
    team: Team = None,
    market: Market = None,
    channel: Annotated[Channel | None, Query(description="How it came in")] = None,
    number: Number = None,
) -> Page[TicketFound]:
    """Tickets, the latest opened first."""
    with product_of(request).record.connection() as connection:
        rows = tickets_found(
            connection,
            customer=customer,
            state=state,
            owner=owner,
            team=team,
            market=market,
            channel=channel,
            number=number,
            after=paging.behind(moment, UUID),
            limit=paging.wanted,
            within=scope.within,
        )
    return paging.page(rows, lambda row: (row.opened_at, row.ticket))


@router.get("/complaints", operation_id="complaints")
def complaints(
    request: Request,
    scope: Scoped,
    paging: Pages,
    customer: OfCustomer = None,
    state: Annotated[ComplaintState | None, Query(description="How far it has come")] = None,
    owner: Owner = None,
    market: Market = None,
    channel: Annotated[Channel | None, Query(description="How it came in")] = None,
    severity: Annotated[Severity | None, Query(description="Once it is classified")] = None,
    number: Number = None,
) -> Page[ComplaintFound]:
    """Complaints, the latest received first."""
    with product_of(request).record.connection() as connection:
        rows = complaints_found(
            connection,
            customer=customer,
            state=state,
            owner=owner,
            market=market,
            channel=channel,
            severity=severity,
            number=number,
            after=paging.behind(moment, UUID),
            limit=paging.wanted,
            within=scope.within,
        )
    return paging.page(rows, lambda row: (row.received_at, row.complaint))


@router.get("/breaches", operation_id="breaches")
def breaches(
    request: Request,
    scope: Scoped,
    paging: Pages,
    as_of: Annotated[
        AwareDatetime | None, Query(description="By when things happened; default: now")
    ] = None,
    kind: Annotated[CaseKind | None, Query(description="Tickets or complaints only")] = None,
    customer: OfCustomer = None,
    market: Market = None,
    source: Source = None,
) -> Page[Breach]:
    """Promises that were broken at a moment, earliest first."""
    moment_asked = as_of or now()
    with product_of(request).record.connection() as connection:
        rows = breaches_as_of(
            connection,
            moment_asked,
            kind=kind,
            source=source,
            customer=customer,
            market=market,
            after=paging.behind(moment, UUID),
            limit=paging.wanted,
            within=scope.within,
        )
    fixed = {} if as_of else {"as_of": moment_asked.isoformat()}
    return paging.page(rows, lambda row: (row.due_at, row.timer), **fixed)


@router.get("/tiers", operation_id="tiers")
def tiers(request: Request, scope: Scoped, paging: Pages) -> Page[TierHeld]:
    """How many customers hold each tier of each scheme, the highest tier first."""
    seen = paging.behind(int) or 0
    with product_of(request).record.connection() as connection:
        rows = tiers_held(connection, scope.within)[seen:][: paging.wanted]
    return paging.page(rows, lambda _: (seen + paging.limit,))


@router.get("/tiers/{scheme}/{tier}/customers", operation_id="customers_of_tier")
def holders(
    request: Request,
    scope: Scoped,
    paging: Pages,
    scheme: Annotated[str, Path(max_length=100, pattern=Code, description="A tier scheme")],
    tier: Annotated[Tier, Path(description="One of its tiers")],
) -> Page[TierHolder]:
    """The customers who hold a tier, and the evidence it rests on."""
    with product_of(request).record.connection() as connection:
        rows = customers_of_tier(
            connection,
            scheme,
            tier,
            after=paging.behind(UUID),
            limit=paging.wanted,
            within=scope.within,
        )
    return paging.page(rows, lambda row: (row.customer,))
