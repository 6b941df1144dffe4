"""Questions over HTTP: what every one of them takes, and where they are put together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from psycopg import Connection
from starlette.requests import Request

from domain.refusal import NotFound
from infra.http.asked import credential, known_parameters, product_of
from infra.http.scope import Scope
from infra.product import Product
from infra.projector import wait_for
from infra.request import ProjectionBehind
from projections.catalogue import PROJECTIONS


def fresh(
    request: Request,
    min_position: Annotated[
        int | None, Query(ge=0, lt=2**53, description="Show at least what is recorded up to here")
    ] = None,
    wait_ms: Annotated[
        int, Query(ge=0, le=10_000, description="How long to wait for `min_position`")
    ] = 2_000,
) -> None:
    """Raises ProjectionBehind."""
    if min_position is None:
        return
    tables = list(PROJECTIONS)
    connect = product_of(request).record.connection
    if not wait_for(connect, min_position, tables, wait_ms / 1000):
        raise ProjectionBehind(position=min_position)


def question_router() -> APIRouter:
    return APIRouter(
        prefix="/v1",
        tags=["Questions"],
        dependencies=[Depends(credential), Depends(known_parameters), Depends(fresh)],
    )


def reading(request: Request, scope: Scope) -> AbstractContextManager[Connection[Any]]:
    """A connection that sees what the caller may see, whatever a question forgets to ask."""
    product = product_of(request)
    if scope.narrowed:
        return product.scoped.connection(scope.within)
    return product.record.connection()


@contextmanager
def snapshot(request: Request, scope: Scope) -> Iterator[Connection[Any]]:
    """The same for several questions, answered as of one moment."""
    with reading(request, scope) as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield connection


def absent(product: Product, kind: str, identity: UUID) -> Exception:
    """Why nothing is shown under an id: it is recorded and not shown yet, or there is none."""
    known = product.dispatcher.view.history(identity)
    if known is not None and known.kind == kind:
        return ProjectionBehind(position=known.events[-1].header.position)
    return NotFound(kind=kind, id=str(identity))
