"""The keys a provider publishes (RFC 7517), kept for ten minutes.

A key we do not know may be a new one, so they are asked for again, but at most once a minute,
whatever is sent to us. What a statement says about keys itself (jku, x5u, jwk) is never followed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
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
log = structlog.get_logger()


class Published:
    """One issuer's keys. `fetches` counts how often they were asked for."""

    def __init__(self, issuer: Issuer, ticks: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._ticks = ticks
        self._lock = threading.Lock()
        self._keys: Mapping[str, dict[str, Any]] = {}
        self._fetched: float | None = None
        self._asked: float | None = None
        self.fetches = 0

    def key(self, kid: str, algorithm: str) -> jwt.PyJWK | None:
        """The key of this id if it is one for this algorithm; None if there is none, or if the
        provider has not answered for an hour."""
        if kid not in self._current():
            self._refresh()
        found = self._current().get(kid)
        if found is None or found.get("kty") != KEY_TYPES[algorithm]:
            return None
        if found.get("use", "sig") != "sig" or found.get("alg", algorithm) != algorithm:
            return None
        try:
            key = jwt.PyJWK(found, algorithm=algorithm)
        except (jwt.PyJWTError, ValueError, TypeError):
            return None
        if algorithm == "RS256" and key.key.key_size < SMALLEST_RSA:
            return None
        return key

    def _current(self) -> Mapping[str, dict[str, Any]]:
        now = self._ticks()
        if self._fetched is None or now - self._fetched > KEPT:
            self._refresh()
        if self._fetched is None or now - self._fetched > STALE:
            return {}
        return self._keys

    def _refresh(self) -> None:
        with self._lock:
            now = self._ticks()
            if self._asked is not None and now - self._asked < BETWEEN:
                return
            self._asked = now
            self.fetches += 1
            try:
                self._keys = self._fetch()
                self._fetched = now
            except ProviderUnreachable as fault:
                log.warning("oidc.unreachable", issuer=self._issuer.name, problem=str(fault))

    def _fetch(self) -> Mapping[str, dict[str, Any]]:
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
        return {
            key["kid"]: key
            for key in keys
            if isinstance(key, dict) and isinstance(key.get("kid"), str)
        }
