"""A list over HTTP, from one row that says what is asked, what narrows it and what orders it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from inspect import Parameter, signature
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.requests import Request

from infra.http.asked import product_of
from infra.http.paging import Page, Paging
from infra.http.reading import absent, reading
from infra.http.scope import Scoped
from queries.customer_shown import customer_shown

Pages = Annotated[Paging, Depends()]
READ: Mapping[Any, Callable[[str], Any]] = {
    datetime: datetime.fromisoformat,
    UUID: UUID,
    str: str,
    int: int,
}
"""How a part of a cursor is read, by what it is part of."""


class Part(NamedTuple):
    """A filter, or with no `default` a part of the address; `kind` is annotated for FastAPI."""

    kind: Any
    default: Any = None


class Listing(NamedTuple):
    """`rows` is the query: it takes the parts by name, and `after`, `limit` and `within`. `order`
    names the columns that order it, the last of which are never alike. `at_first` are filters that
    later pages keep as they were at the first, where they are not given."""

    path: str
    name: str
    title: str
    says: str
    row: type[BaseModel]
    rows: Callable[..., Sequence[Any]]
    order: tuple[str, ...]
    parts: Mapping[str, Part]
    at_first: Mapping[str, Callable[[], datetime]] = {}
    of_customer: bool = False
    """Of the one customer whom the address names, who has to be there and is counted as seen."""

    def serve(self, router: APIRouter) -> None:
        router.add_api_route(
            self.path,
            self._endpoint(),
            methods=["GET"],
            response_model=Page[self.row],  # type: ignore[name-defined]
            operation_id=self.name,
            name=self.title,
            description=self.says,
        )

    def _endpoint(self) -> Callable[..., Page[Any]]:
        def shown(request: Request, scope: Scoped, paging: Pages, **asked: Any) -> Page[Any]:
            return self._page(request, scope, paging, asked)

        taken = list(signature(shown, eval_str=True).parameters.values())[:-1]
        shown.__signature__ = signature(shown).replace(  # type: ignore[attr-defined]
            parameters=[*taken, *(_parameter(name, part) for name, part in self.parts.items())]
        )
        return shown

    def _page(
        self, request: Request, scope: Scoped, paging: Paging, asked: dict[str, Any]
    ) -> Page[Any]:
        customer: UUID | None = asked["customer"] if self.of_customer else None
        if customer is not None:
            scope.must_reach("customer", customer)
        fixed = {name: now() for name, now in self.at_first.items() if asked[name] is None}
        kinds = [READ[self.row.model_fields[column].annotation] for column in self.order]
        bounds = {"after": paging.behind(*kinds), "limit": paging.wanted, "within": scope.within}
        product = product_of(request)
        with reading(request, scope) as connection:
            rows = self.rows(connection, **asked | fixed | bounds)
            if customer is not None and not rows and customer_shown(connection, customer) is None:
                raise absent(product, "customer", customer)
        if customer is not None:
            scope.note_seen([customer])
        kept = {name: moment.isoformat() for name, moment in fixed.items()}
        return paging.page(rows, lambda row: tuple(getattr(row, c) for c in self.order), **kept)


def _parameter(name: str, part: Part) -> Parameter:
    default = Parameter.empty if part.default is ... else part.default
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=part.kind, default=default)
