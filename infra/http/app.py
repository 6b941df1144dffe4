"""The HTTP door put together over one running product."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from infra.http import describing, explaining, health, history, lists, lookup, problems, single
from infra.http.answers import answer_problems
from infra.http.asked import SECONDS_FOR_A_BODY
from infra.http.commands import command_routes
from infra.http.edge import Edge
from infra.http.entering import Entry
from infra.http.hygiene import Hygiene
from infra.http.limits import Limits
from infra.http.openapi import described
from infra.product import Product
from infra.queue.commands import CommandQueue

ABOUT = """Customers, orders, tickets and complaints, as a record of what happened.

Commands are POST and carry an `Idempotency-Key`; send them again as often as you like. Questions
are GET; `min_position` waits until what you recorded is shown. What goes wrong is
`application/problem+json` with a `code` that stays."""


def application(
    product: Product,
    queue: CommandQueue,
    *,
    limits: Limits | None = None,
    seconds_for_a_body: int = SECONDS_FOR_A_BODY,
    environment: Mapping[str, str] = os.environ,
) -> FastAPI:
    """Every endpoint is a plain function: the record is synchronous, and threads are plenty.

    Limits come from the environment where they are not given, like DOSSIER_BEHIND_TLS=1: callers
    reach the door through TLS alone. Raises ServerProblem for settings that make no sense.
    """
    hygiene = Hygiene(behind_tls=environment.get("DOSSIER_BEHIND_TLS") == "1")
    app = FastAPI(
        title="Dossier",
        version="1",
        description=ABOUT,
        middleware=[Middleware(Edge, hygiene=hygiene)],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        routes=[*_routes()],
    )
    app.state.product, app.state.queue, app.state.hygiene = product, queue, hygiene
    app.state.seconds_for_a_body = seconds_for_a_body
    if product is not None:
        app.state.entry = Entry(product, limits or Limits.of(environment))
    answer_problems(app)
    app.openapi = described(app)  # type: ignore[method-assign]
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Every address, in the order in which they are tried. Included, FastAPI would make each of
    them twice for every application; what they serve is found in the application's state."""
    parts = (lookup, lists, single, explaining, history, problems, health, describing)
    routers = (*(part.router for part in parts), command_routes())
    return tuple(route for router in routers for route in router.routes)
