"""The one entry for every door: an Authorization header and an address in, a credential out.

Whatever is wrong, whoever asks hears the same `Unauthenticated`; why it was is in trail.login.
Nothing is remembered between requests but a provider's public keys, so that a revocation, or the
leaving of a staff member, holds from its commit on.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from infra.identity.attempts import (
    SECONDS_TO_WAIT,
    Address,
    address_of,
    as_parameters,
    keys_of,
    note_failure,
    seconds_to_wait,
)
from infra.identity.credential import (
    Connect,
    Credential,
    NoRoleHeld,
    TooManyFailures,
    Unauthenticated,
)
from infra.identity.oidc.statement import Issuers, Rejected, Statement
from infra.identity.staff import Held, StaffHeld
from infra.identity.tokens import hash_of
from infra.identity.trail import Method, note_login

LONGEST_HEADER = 8 * 1024
_NOBODY = bytes(32)


class RequestFacts(NamedTuple):
    """What a door knows of a request: its Authorization header, and the peer's address (of the
    connection, never from a header)."""

    authorization: str | None
    remote: str | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    id: UUID
    token_sha256: bytes
    actor: str
    kind: str
    roles: Sequence[str]
    scopes: Sequence[str] | None
    markets: Sequence[str] | None
    teams: Sequence[str] | None
    networks: Sequence[str] | None
    ended: str | None
    unused: bool


# One round trip for every request there is.
_FIND = f"""
SELECT {SECONDS_TO_WAIT}, id, token_sha256, actor, kind, roles, scopes, markets, teams,
       networks::text[],
       CASE WHEN revoked_at IS NOT NULL THEN 'revoked'
            WHEN expires_at <= clock_timestamp() THEN 'expired' END,
       last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 hour'
FROM (SELECT) once LEFT JOIN keys.credential ON lookup = %s
"""


class Authentication:
    """`issuers`: providers whose signed statements are believed."""

    def __init__(
        self,
        connect: Connect,
        staff: StaffHeld,
        issuers: Issuers,
    ) -> None:
        self._connect = connect
        self._staff = staff
        self._issuers = issuers

    @classmethod
    def of_own_tokens(cls, connect: Connect) -> Authentication:
        """For a door that only knows service tokens: no provider, no staff."""
        return cls(connect, StaffHeld(lambda stream: ()), Issuers(()))

    def authenticate(self, facts: RequestFacts) -> Credential:
        """Whom the request comes from.

        Raises Unauthenticated (401), TooManyFailures (429, `retry_after` in seconds), NoRoleHeld
        (403, a known staff member who holds nothing); psycopg's errors if nothing can be looked up.
        """
        token = _bearer(facts.authorization)
        if token is None:
            raise Unauthenticated
        source = address_of(facts.remote)
        if token.count(".") == 2:
            return self._by_statement(token, source)
        return self._by_token(token, source)

    def _by_token(self, token: str, source: Address | None) -> Credential:
        keys = keys_of(source, token)
        digest = hash_of(token)
        with self._connect() as connection:
            row = connection.execute(
                _FIND, (*as_parameters(keys), digest[:8]), prepare=True
            ).fetchone()
            assert row is not None
            wait, *found = row
            if wait:
                raise TooManyFailures(retry_after=wait)
            kept = None if found[0] is None else _Kept(*found)
            same = hmac.compare_digest(kept.token_sha256 if kept else _NOBODY, digest)
            rule = _why_not(kept if same else None, source)
            if kept is None or rule is not None:
                known = kept if same else None
                note_login(
                    connection,
                    "deny",
                    "token",
                    rule or "unknown",
                    actor=known.actor if known else None,
                    credential=known.id if known else None,
                    source=source,
                )
                note_failure(connection, keys)
            elif kept.unused:
                _note_use(connection, kept, source)
        if kept is None or rule is not None:
            raise Unauthenticated
        return self._credential(kept, source)

    def _credential(self, kept: _Kept, source: Address | None) -> Credential:
        given = Held(tuple(kept.roles), _narrowed(kept.markets), _narrowed(kept.teams))
        if kept.kind == "staff":
            given = self._staff.narrowed(kept.actor, given)
        if not given.roles:
            self._deny("token", "no-role", source, (), kept.actor)
            raise NoRoleHeld
        return Credential(
            kept.actor,
            given.roles,
            _narrowed(kept.scopes),
            given.markets,
            given.teams,
            kept.id,
        )

    def _by_statement(self, text: str, source: Address | None) -> Credential:
        keys = keys_of(source, None)
        with self._connect() as connection:
            if wait := seconds_to_wait(connection, keys):
                raise TooManyFailures(retry_after=wait)
        try:
            said = self._issuers.read(text)
        except Rejected as rejected:
            self._deny("oidc", rejected.rule, source, keys)
            raise Unauthenticated from None
        given = self._of_statement(said)
        if not given.roles:
            self._deny("oidc", "no-role", source, (), said.actor)
            raise NoRoleHeld
        return Credential(said.actor, given.roles, None, given.markets, given.teams, method="oidc")

    def _of_statement(self, said: Statement) -> Held:
        given = Held(said.roles, None, None)
        return self._staff.narrowed(said.actor, given) if said.staff and said.roles else given

    def _deny(
        self,
        method: Method,
        rule: str,
        source: Address | None,
        keys: Sequence[tuple[str, bytes]],
        actor: str | None = None,
    ) -> None:
        with self._connect() as connection:
            note_login(connection, "deny", method, rule, actor=actor, source=source)
            note_failure(connection, keys)


def authenticated(connect: Connect, token: str | None) -> Credential:
    """Whom a token of our own belongs to, from this machine. Raises Unauthenticated."""
    if token is None:
        raise Unauthenticated
    return Authentication.of_own_tokens(connect).authenticate(RequestFacts(f"Bearer {token}"))


def _bearer(authorization: str | None) -> str | None:
    """The token of `Bearer TOKEN` (RFC 6750); None if there is none to look at."""
    if authorization is None or len(authorization) > LONGEST_HEADER:
        return None
    scheme, _, token = authorization.strip().partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _why_not(kept: _Kept | None, source: Address | None) -> str | None:
    if kept is None:
        return "unknown"
    if kept.ended is not None:
        return kept.ended
    if kept.networks is not None and not any(_within(source, n) for n in kept.networks):
        return "network"
    return None


def _within(source: Address | None, network: str) -> bool:
    return source is not None and source in ip_network(network)


def _note_use(connection: Connection[Any], kept: _Kept, source: Address | None) -> None:
    """To the hour: a write for every request would be one for every reader."""
    with connection.transaction():
        connection.execute(
            "UPDATE keys.credential SET last_used_at = date_trunc('hour', clock_timestamp())"
            " WHERE id = %s",
            (kept.id,),
        )
        note_login(
            connection,
            "permit",
            "token",
            "used",
            actor=kept.actor,
            credential=kept.id,
            source=source,
        )


def _narrowed(given: Sequence[str] | None) -> frozenset[str] | None:
    return None if given is None else frozenset(given)
