"""Entity tags (RFC 9110, 8.8.3): which version of something was shown, and exactly what.

`"17-5f0c2a9b41d7"`: the version of the last fact, which is what If-Match on a command compares,
then a digest of the answer. A timer's breach or a customer's latest activity changes what is shown
without a fact of the thing itself, so the version alone would call two answers the same.
"""

from __future__ import annotations

import re
from hashlib import sha256

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from infra.request import ExpectationInvalid

DIGEST = 12
TAG = re.compile(rf'"([0-9]{{1,15}})(?:-[0-9a-f]{{{DIGEST}}})?"')
LISTED = re.compile(r'(?:W/)?("[^"]*")')


def tagged(request: Request, shown: BaseModel, version: int) -> Response:
    """The answer with its tag; 304 if the caller has it already."""
    text = shown.model_dump_json().encode()
    tag = f'"{version}-{sha256(text).hexdigest()[:DIGEST]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(text, headers=headers, media_type="application/json")


def matches(if_none_match: str | None, tag: str) -> bool:
    """Weak comparison (RFC 9110, 13.1.2)."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or tag in LISTED.findall(if_none_match)


def expected_version(if_match: str | None) -> int | None:
    """The version a command's caller insists on. Raises ExpectationInvalid."""
    if if_match is None:
        return None
    found = TAG.fullmatch(if_match.strip())
    if found is None:
        raise ExpectationInvalid
    return int(found[1])
