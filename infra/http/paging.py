"""Pages of a list: `limit` rows, and the address of those after them.

A cursor says behind which row the next page begins, so it stays good while rows are added. It is
signed together with the list and its filters: it serves that list and no other, and cannot be made
up.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import orjson
from fastapi import Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from infra.http.asked import product_of
from infra.request import CursorInvalid

T = TypeVar("T")
Key = str | int | UUID | datetime
SIGNATURE = 12
NO_FILTERS = frozenset({"after", "limit", "min_position", "wait_ms"})


class Page(BaseModel, Generic[T]):
    """`next` is the address of the page after this one, and null on the last."""

    items: list[T]
    next: str | None = Field(description='Also in the header `Link`, as `rel="next"` (RFC 8288)')


class Paging:
    def __init__(
        self,
        request: Request,
        response: Response,
        limit: Annotated[int, Query(ge=1, le=200, description="Rows of a page at most")] = 50,
        after: Annotated[
            str | None,
            Query(description="A cursor: part of the address in `next`, good for this list alone"),
        ] = None,
    ) -> None:
        self._request, self._response = request, response
        self.limit, self._after = limit, after
        self._filters = {
            name: value for name, value in request.query_params.items() if name not in NO_FILTERS
        }

    @property
    def wanted(self) -> int:
        """One row more than is shown, to know whether there is a next page."""
        return self.limit + 1

    def behind(self, *kinds: Callable[[str], Any]) -> Any:
        """The key of the last row seen, each part read by its kind; None on the first page.

        A key of one part comes alone, others as a tuple. Raises CursorInvalid.
        """
        if self._after is None:
            return None
        try:
            signed = urlsafe_b64decode(self._after.encode("ascii") + b"==")
        except ValueError:
            raise CursorInvalid from None
        signature, text = signed[:SIGNATURE], signed[SIGNATURE:]
        if not hmac.compare_digest(signature, self._signature(text)):
            raise CursorInvalid
        parts = orjson.loads(text)
        if len(kinds) == 1:
            return kinds[0](parts[0])
        return tuple(kind(part) for kind, part in zip(kinds, parts, strict=True))

    def page(self, rows: Sequence[T], key: Callable[[T], tuple[Key, ...]], **fixed: str) -> Page[T]:
        """What was `wanted`, as a page. `fixed`: filters that the next page has to keep as they
        were understood here."""
        shown = list(rows[: self.limit])
        if len(rows) <= self.limit:
            return Page(items=shown, next=None)
        self._filters |= fixed
        text = orjson.dumps([str(part) for part in key(shown[-1])])
        cursor = urlsafe_b64encode(self._signature(text) + text).rstrip(b"=").decode()
        query = urlencode({**self._filters, "limit": self.limit, "after": cursor})
        address = f"{self._request.url.path}?{query}"
        self._response.headers["Link"] = f'<{address}>; rel="next"'
        return Page(items=shown, next=address)

    def _signature(self, text: bytes) -> bytes:
        path = self._request.url.path
        about = orjson.dumps([path, self._filters], option=orjson.OPT_SORT_KEYS)
        seal = product_of(self._request).installation.fingerprint
        return seal(b"cursor|" + about + b"|" + text)[:SIGNATURE]
