"""The keys a provider publishes (RFC 7517), kept for ten minutes.

A key we do not know may be a new one, so they are asked for again, but at most once a minute,
whatever is sent to us. What a statement says about keys itself (jku, x5u, jwk) is never followed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import jwt
import structlog

from infra.identity.oidc.fetching import ProviderUnreachable, fetch
from infra.identity.oidc.issuer import Issuer, is_loopback

KEPT = 600.0
STALE = 3600.0
BETWEEN = 60.0
SMALLEST_RSA = 2048
KEY_TYPES: Mapping[str, str] = {"RS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}
Published = dict[str, Any]
log = structlog.get_logger()


class PublishedKeys:
    """One issuer's keys. `asked` counts how often it was asked for them."""

    def __init__(self, issuer: Issuer, ticks: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._ticks = ticks
        self._lock = threading.Lock()
        self._keys: Sequence[Published] = ()
        self._fetched: float | None = None
        self._last_asked: float | None = None
        self.asked = 0

    def key(self, kid: str | None, algorithm: str) -> jwt.PyJWK | None:
        """The key of this id if it is one for this algorithm; None if there is none, or if the
        provider has not answered for an hour. A statement that names no key may come from a
        provider that has only one (OpenID Connect Core 10.1)."""
        keys = self._current()
        if kid is not None and all(key.get("kid") != kid for key in keys):
            self._ask()
            keys = self._current()
        fitting = [key for key in keys if kid in (None, key.get("kid")) and _fits(key, algorithm)]
        if len(fitting) != 1:
            return None
        try:
            key = jwt.PyJWK(fitting[0], algorithm=algorithm)
        except (jwt.PyJWTError, ValueError, TypeError):
            return None
        return None if algorithm == "RS256" and key.key.key_size < SMALLEST_RSA else key

    def _current(self) -> Sequence[Published]:
        if self._fetched is None or self._ticks() - self._fetched > KEPT:
            self._ask()
        if self._fetched is None or self._ticks() - self._fetched > STALE:
            return ()
        return self._keys

    def _ask(self) -> None:
        with self._lock:
            now = self._ticks()
            if self._last_asked is not None and now - self._last_asked < BETWEEN:
                return
            self._last_asked = now
            self.asked += 1
            try:
                self._keys, self._fetched = self._fetch(), now
            except ProviderUnreachable as fault:
                log.warning("oidc.unreachable", issuer=self._issuer.name, problem=str(fault))

    def _fetch(self) -> Sequence[Published]:
        url = self._issuer.url
        described = fetch(url.rstrip("/") + "/.well-known/openid-configuration")
        place = described.get("jwks_uri")
        if described.get("issuer") != url or not isinstance(place, str):
            raise ProviderUnreachable("what it says of itself is about another issuer")
        here = is_loopback(urlsplit(url).hostname or "")
        if not here and urlsplit(place).scheme != "https":
            raise ProviderUnreachable("its keys are not published over https")
        keys = fetch(place).get("keys")
        if not isinstance(keys, list):
            raise ProviderUnreachable("its keys are no list")
        return [key for key in keys if isinstance(key, dict)]


def _fits(key: Published, algorithm: str) -> bool:
    return (
        key.get("kty") == KEY_TYPES[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
    )
