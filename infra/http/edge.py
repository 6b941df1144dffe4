"""The edge: every request gets a trace id and one line in the log, by route and never by value.

HEAD is GET without the content (RFC 9110, 9.3.2), whatever the address.
"""

from __future__ import annotations

from time import perf_counter
from uuid import uuid4

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.http.hygiene import Hygiene

log = structlog.get_logger()


class Edge:
    def __init__(self, app: ASGIApp, hygiene: Hygiene) -> None:
        self._app = app
        self._hygiene = hygiene

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace, begun, status = uuid4(), perf_counter(), 500
        head = scope["method"] == "HEAD"
        scope = {**scope, "method": "GET"} if head else scope
        scope.setdefault("state", {})["trace_id"] = trace

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._hygiene.complete(message["headers"], scope["state"])
            elif head:
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            route = scope.get("route")
            log.info(
                "http.answered",
                method="HEAD" if head else scope["method"],
                route=getattr(route, "path", None),
                status=status,
                milliseconds=round((perf_counter() - begun) * 1000, 1),
                trace_id=str(trace),
            )
