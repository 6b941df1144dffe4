"""The history of a customer over HTTP, sealed unless it is opened for a purpose on record."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, Field
from starlette.requests import Request
from starlette.responses import Response

from infra.gate import Reader, SealedValue
from infra.http.asked import product_of
from infra.http.listing import Pages
from infra.http.paging import Page
from infra.http.reading import absent, question_router, snapshot
from infra.http.scope import Scoped
from infra.product import Product
from infra.request import PurposeMissing
from projections.history import TAKE_OUT
from queries.history_as_of import Fact, erased_persons, history_as_of

router = question_router()


class HistoryFact(Fact):
    """One event of a history."""

    sealed: dict[str, str | None] | None = Field(  # type: ignore[assignment]
        description="Each personal value by its path: a token, or its text once opened. Null where"
        " the person was erased, or where the event holds none"
    )
    erased: bool = Field(
        description="It held personal values, and nobody can open them any more (CB-15.2b)"
    )


@router.get("/customers/{customer}/history", operation_id="history")
def history(
    request: Request,
    response: Response,
    paging: Pages,
    scope: Scoped,
    customer: UUID,
    as_of: Annotated[
        AwareDatetime | None, Query(description="Only what had been recorded by then")
    ] = None,
    at: Annotated[AwareDatetime | None, Query(description="Only what had happened by then")] = None,
    open: Annotated[
        bool, Query(description="`sealed` holds texts; every opening is on record")
    ] = False,
    purpose: Annotated[
        str | None,
        Query(
            max_length=100,
            pattern=r"^dpv:[A-Za-z]+$",
            description="What for, as a term of the Data Privacy Vocabulary; required to open",
        ),
    ] = None,
) -> Page[HistoryFact]:
    """Everything on record about a customer, over all streams, in the order of the record."""
    if open and purpose is None:
        raise PurposeMissing
    reader = scope.reader(purpose) if open and purpose is not None else None
    scope.must_reach("customer", customer)
    product = product_of(request)
    after = paging.behind(int) or 0
    with snapshot(request, scope) as connection:
        facts = history_as_of(
            connection, customer, as_of=as_of, at=at, after=after, limit=paging.wanted
        )
        erased = bool(erased_persons(connection, [customer]))
    if not facts and not product.record.read_stream(customer):
        raise absent(product, "customer", customer)
    scope.note_seen([customer])
    page = paging.page([_shown(fact, erased) for fact in facts], lambda fact: (fact.position,))
    if reader is not None and purpose is not None:
        response.headers["Cache-Control"] = "no-store"
        _open(product, page.items, customer, reader, purpose)
    return page


def _shown(fact: Fact, erased: bool) -> HistoryFact:
    held = TAKE_OUT.get(fact.type) is not None
    values: dict[str, Any] = dict(fact)
    return HistoryFact(**values, erased=erased and held and fact.sealed is None)


def _open(
    product: Product, facts: list[HistoryFact], customer: UUID, reader: Reader, purpose: str
) -> None:
    """Puts texts where tokens were. Raises AccessDenied, TrailUnavailable, KeysUnavailable."""
    places = [(fact, path) for fact in facts for path in fact.sealed or ()]
    tokens = [SealedValue((fact.sealed or {})[path] or "", customer) for fact, path in places]
    for (fact, path), text in zip(places, product.gate.open(tokens, reader, purpose), strict=True):
        assert fact.sealed is not None
        fact.sealed[path] = text
        fact.erased = fact.erased or text is None
