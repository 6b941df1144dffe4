"""What a provider publishes about itself: one JSON object, of bounded size, in bounded time."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from typing import Any

from infra.identity.oidc.issuer import is_safe

LARGEST = 256 * 1024
SECONDS = 5.0
_CHUNK = 16 * 1024


class ProviderUnreachable(Exception):
    """Nothing usable came from the provider. Says where, not what came."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect could lead to where we would never have asked."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


# No proxies, no other schemes, no redirects.
_OPENER = urllib.request.OpenerDirector()
for _handler in (
    urllib.request.HTTPHandler(),
    urllib.request.HTTPSHandler(),
    urllib.request.HTTPErrorProcessor(),
    urllib.request.HTTPDefaultErrorHandler(),
    _NoRedirects(),
):
    _OPENER.add_handler(_handler)


def fetch(url: str, *, seconds: float = SECONDS) -> dict[str, Any]:
    """Raises ProviderUnreachable."""
    if not is_safe(url):
        raise ProviderUnreachable("an address that is neither https nor on this machine")
    ends = time.monotonic() + seconds
    request = urllib.request.Request(url, headers={"Accept": "application/json"})
    try:
        with _OPENER.open(request, timeout=seconds) as answer:
            found = json.loads(_read(answer, ends))
    except (OSError, http.client.HTTPException, ValueError, RecursionError) as fault:
        raise ProviderUnreachable(f"no usable answer: {type(fault).__name__}") from None
    if not isinstance(found, dict):
        raise ProviderUnreachable("the answer is no JSON object")
    return found


def _read(answer: Any, ends: float) -> bytes:
    """A timeout counts per read; `ends` keeps one who drips from holding us."""
    read = bytearray()
    while chunk := answer.read1(_CHUNK):
        read += chunk
        if len(read) > LARGEST:
            raise ProviderUnreachable(f"the answer is larger than {LARGEST} bytes")
        if time.monotonic() > ends:
            raise ProviderUnreachable("the answer took too long")
    return bytes(read)
