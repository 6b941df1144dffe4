"""Questions over HTTP. Personal values stay sealed unless opened for a purpose, on record."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime
from starlette.requests import Request

from domain.refusal import NotFound
from infra.credentials import Credential
from infra.gate import Reader, SealedValue
from infra.http.asked import credential, known_parameters, product_of, trace_id
from infra.product import now
from infra.projector import wait_for
from infra.request import ProjectionBehind, PurposeMissing
from projections.catalogue import PROJECTIONS
from queries.breaches_as_of import Breach, breaches_as_of
from queries.complaints_found import ComplaintFound, complaints_found
from queries.customer_shown import CustomerShown, customer_shown
from queries.customers_found import CustomerFound, customers_found
from queries.history_as_of import Fact, history_as_of
from queries.tickets_found import TicketFound, tickets_found
from queries.tiers_held import TierHeld, tiers_held

Limit = Annotated[int, Query(ge=1, le=200)]
Who = Annotated[Credential, Depends(credential)]


def fresh(
    request: Request,
    min_position: Annotated[
        int | None, Query(ge=0, lt=2**53, description="Show at least what is recorded up to here")
    ] = None,
    wait_ms: Annotated[int, Query(ge=0, le=10_000)] = 2_000,
) -> None:
    """Raises ProjectionBehind."""
    if min_position is None:
        return
    tables = list(PROJECTIONS)
    connect = product_of(request).record.connection
    if not wait_for(connect, min_position, tables, wait_ms / 1000):
        raise ProjectionBehind(position=min_position)


router = APIRouter(
    prefix="/v1",
    tags=["Questions"],
    dependencies=[Depends(credential), Depends(known_parameters), Depends(fresh)],
)


@router.get("/customers", operation_id="customers")
def customers(
    request: Request, country: str | None = None, tier: str | None = None, limit: Limit = 100
) -> list[CustomerFound]:
    """Customers, guests left out."""
    with product_of(request).record.connection() as connection:
        return customers_found(connection, country=country, tier=tier, limit=limit)


@router.get("/customers/{customer}", operation_id="customer")
def customer_by_id(request: Request, customer: UUID) -> CustomerShown:
    """One customer; `sealed` holds tokens."""
    with product_of(request).record.connection() as connection:
        shown = customer_shown(connection, customer)
    if shown is None:
        raise NotFound(kind="customer", id=str(customer))
    return shown


@router.get("/tickets", operation_id="tickets")
def tickets(
    request: Request, customer: UUID | None = None, state: str | None = None, limit: Limit = 100
) -> list[TicketFound]:
    """Tickets of a customer, or in a state."""
    with product_of(request).record.connection() as connection:
        return tickets_found(connection, customer=customer, state=state, limit=limit)


@router.get("/complaints", operation_id="complaints")
def complaints(
    request: Request, customer: UUID | None = None, state: str | None = None, limit: Limit = 100
) -> list[ComplaintFound]:
    """Complaints of a customer, or in a state."""
    with product_of(request).record.connection() as connection:
        return complaints_found(connection, customer=customer, state=state, limit=limit)


@router.get("/tiers", operation_id="tiers")
def tiers(request: Request) -> list[TierHeld]:
    """How many customers hold each tier."""
    with product_of(request).record.connection() as connection:
        return tiers_held(connection)


@router.get("/breaches", operation_id="breaches")
def breaches(
    request: Request, as_of: AwareDatetime | None = None, limit: Limit = 100
) -> list[Breach]:
    """Promises that were broken at a moment, earliest first."""
    with product_of(request).record.connection() as connection:
        return breaches_as_of(connection, as_of or now(), limit=limit)


@router.get("/customers/{customer}/history", operation_id="history")
def history(
    request: Request,
    who: Who,
    customer: UUID,
    as_of: AwareDatetime | None = None,
    at: AwareDatetime | None = None,
    after: Annotated[int, Query(ge=0, lt=2**53, description="Position of the last one seen")] = 0,
    limit: Limit = 100,
    open: bool = False,
    purpose: str | None = None,
) -> list[Fact]:
    """Everything on record about a customer. With `open` and a `purpose`, `sealed` holds texts."""
    if open and purpose is None:
        raise PurposeMissing
    product = product_of(request)
    with product.record.connection() as connection:
        facts = history_as_of(connection, customer, as_of=as_of, at=at, after=after, limit=limit)
    if not facts and not product.record.read_stream(customer):
        raise NotFound(kind="customer", id=str(customer))
    if not open or purpose is None:
        return facts
    places = [(n, p, t) for n, f in enumerate(facts) for p, t in (f.sealed or {}).items()]
    texts = product.gate.open(
        [SealedValue(token, customer) for _, _, token in places],
        Reader(who.actor, who.roles[0], trace_id(request)),
        purpose,
    )
    for (n, path, _), text in zip(places, texts, strict=True):
        sealed = facts[n].sealed
        if sealed is not None:
            sealed[path] = text or ""
    return facts
