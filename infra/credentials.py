"""Where callers find who comes in; the parts are in `infra.identity`."""

from __future__ import annotations

from collections.abc import Sequence

from infra.identity.authentication import Authentication, RequestFacts
from infra.identity.credential import Connect, Credential, Unauthenticated
from infra.identity.installation import ADMIN, ADMIN_ROLES, admin_token
from infra.identity.tokens import Grant, RoleUnknown
from infra.identity.tokens import issue as issue_token
from infra.identity.tokens import revoke_of as revoke

__all__ = [
    "ADMIN",
    "ADMIN_ROLES",
    "Connect",
    "Credential",
    "RoleUnknown",
    "Unauthenticated",
    "admin_token",
    "authenticated",
    "issue",
    "revoke",
]


def authenticated(connect: Connect, token: str | None) -> Credential:
    """Whom a token of our own belongs to. Raises Unauthenticated."""
    if token is None:
        raise Unauthenticated
    entry = Authentication.of_own_tokens(connect)
    return entry.authenticate(RequestFacts(f"Bearer {token}"))


def issue(connect: Connect, actor: str, roles: Sequence[str]) -> str:
    """A fresh token for an actor; this is the only time it is seen. Raises RoleUnknown."""
    return issue_token(connect, Grant(actor=actor, roles=roles)).token
