"""A statement: what a provider signed about somebody, and what it has to be to be believed.

Algorithms are fixed here, not chosen by who sends; exp, iat, iss, aud and sub must be there; clocks
may differ by thirty seconds. Roles come from the issuer's own claim alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jwt
import structlog
from jwt.exceptions import InvalidSubjectError

from domain.staff.roles import RolesExclude, must_go_together
from infra.identity.oidc.issuer import Issuer
from infra.identity.oidc.published import PublishedKeys

ALGORITHMS = ("RS256", "ES256", "EdDSA")
REQUIRED = ("exp", "iat", "iss", "aud", "sub")
LEEWAY = 30
LONGEST_LIFE = 24 * 3600
_SUBJECT = re.compile(r"[\w.:/#+@|-]{1,200}", re.ASCII)
_KNOWN_HEADERS = frozenset(
    {"alg", "kid", "typ", "cty", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256"}
)
log = structlog.get_logger()


class Rejected(Exception):
    """A statement is not believed. `rule` is a code of ours for the trail."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


class Statement(NamedTuple):
    """Whom it is about, and the roles the issuer's groups mean here. `staff`: hold no more than
    what was granted here."""

    actor: str
    roles: Sequence[str]
    staff: bool


class Issuers:
    """Every issuer that is believed; a statement of any other is not read further."""

    def __init__(
        self,
        issuers: Sequence[Issuer],
        published: Callable[[Issuer], PublishedKeys] = PublishedKeys,
    ) -> None:
        self._by_url = {issuer.url: (issuer, published(issuer)) for issuer in issuers}

    def read(self, text: str) -> Statement:
        """Raises Rejected."""
        header, claimed = _unverified(text)
        algorithm, kid, url = header.get("alg"), header.get("kid"), claimed.get("iss")
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise Rejected("algorithm")
        if not header.keys() <= _KNOWN_HEADERS:
            raise Rejected("header")
        if not isinstance(url, str) or url not in self._by_url:
            raise Rejected("issuer")
        issuer, published = self._by_url[url]
        if not isinstance(kid, str | None):
            raise Rejected("header")
        key = published.key(kid, algorithm)
        if key is None:
            raise Rejected("key")
        claims = _verified(text, key, algorithm, issuer)
        subject = claims["sub"]
        if not _SUBJECT.fullmatch(subject):
            raise Rejected("subject")
        roles = issuer.roles_of(claims)
        try:
            must_go_together(roles)
        except RolesExclude:
            raise Rejected("roles-exclude") from None
        return Statement(issuer.actor(subject), roles, issuer.staff)


def _unverified(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims as somebody wrote them, to find out whose they are said to be."""
    try:
        read = jwt.decode_complete(text, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise Rejected("malformed") from None
    return read["header"], read["payload"]


def _verified(text: str, key: jwt.PyJWK, algorithm: str, issuer: Issuer) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            text,
            key,
            algorithms=[algorithm],
            audience=issuer.audience,
            issuer=issuer.url,
            leeway=LEEWAY,
            options={"require": list(REQUIRED), "verify_sub": True, "verify_iat": True},
        )
    except jwt.ImmatureSignatureError:
        log.warning("oidc.clocks_differ", issuer=issuer.name, more_than_seconds=LEEWAY)
        raise Rejected("not-yet") from None
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError, OverflowError) as fault:
        raise Rejected(_RULES.get(type(fault), "signature")) from None
    if not 0 < claims["exp"] - claims["iat"] <= LONGEST_LIFE:
        raise Rejected("lifetime")
    return claims


_RULES: dict[type[Exception], str] = {
    jwt.ExpiredSignatureError: "expired",
    jwt.MissingRequiredClaimError: "claim-missing",
    jwt.InvalidAudienceError: "audience",
    jwt.InvalidIssuerError: "issuer",
    jwt.InvalidIssuedAtError: "not-yet",
    InvalidSubjectError: "subject",
}
