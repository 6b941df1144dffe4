"""Who is let in at the HTTP door, and how often.

The address counts before the token is looked at, the credential after. Headers in which a caller
says who they are say nothing here: they are counted, and once an hour they are on record.
"""

from __future__ import annotations

import structlog
from starlette.requests import Request

from infra.gate import PostgresSubjects
from infra.http.limits import Counters, Left, Limit, Limits
from infra.http.refusals import TooManyRequests
from infra.identity.attempts import address_of, keys_of
from infra.identity.authentication import RequestFacts
from infra.identity.credential import Credential, Unauthenticated
from infra.identity.opened import authentication
from infra.identity.trail import note_login
from infra.product import Product

SAYING_WHO = frozenset(
    {"x-actor", "x-actor-id", "x-role", "x-roles", "x-user", "x-user-id", "x-username", "x-groups"}
    | {"x-forwarded-user", "x-forwarded-email", "x-forwarded-groups", "remote-user"}
    | {"x-forwarded-preferred-username", "x-remote-user", "x-authenticated-user"}
    | {"x-auth-request-user", "x-auth-request-email", "x-auth-request-groups", "x-impersonate-user"}
)
HOUR = 3600
log = structlog.get_logger()


class Entry:
    """One for a process: it holds the keys providers publish. `claimed` counts requests that said
    who they were in a header."""

    def __init__(self, product: Product, limits: Limits) -> None:
        self.limits = limits
        self.counters = Counters(product.addresses.redis_url)
        self.claimed = 0
        self.subjects = PostgresSubjects(product.record.connection)
        self._product = product
        self._authentication = authentication(product)

    def admitted(self, request: Request) -> Credential:
        """Raises TooManyRequests, and what authentication raises."""
        remote = request.client.host if request.client is not None else None
        source = address_of(remote)
        for _, network in keys_of(source, None):
            self._take(request, self.limits.source, network.decode())
        sent = request.headers.getlist("authorization")
        if len(sent) > 1:
            raise Unauthenticated
        facts = RequestFacts(sent[0] if sent else None, remote)
        who = self._authentication.authenticate(facts)
        holder = str(who.id or who.actor)
        self._take(request, self.limits.credential, holder)
        if claimed := sorted(SAYING_WHO.intersection(request.headers.keys())):
            self.claimed += 1
            log.warning("http.claim_ignored", headers=claimed, trace_id=str(request.state.trace_id))
            if self.counters.first("claim", holder, HOUR):
                with self._product.record.connection() as connection:
                    note_login(
                        connection,
                        "deny",
                        "oidc" if who.method == "oidc" else "token",
                        "claimed-in-header",
                        actor=who.actor,
                        credential=who.id,
                        source=source,
                    )
        return who

    def _take(self, request: Request, limit: Limit, of: str) -> None:
        left = self.counters.take(limit, of)
        lefts: list[Left] = [*getattr(request.state, "lefts", ()), left]
        request.state.lefts = lefts
        if not left.allowed:
            raise TooManyRequests(limit=limit.quota, retry_after=left.reset)
