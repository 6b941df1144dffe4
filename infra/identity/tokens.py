"""Service tokens, and those of staff members: issued, rotated, revoked; kept as SHA-256 only.

A token says nothing by itself: what it may do is looked up each time it is shown, so that a
revocation holds in every process from its commit on.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_network
from typing import Any, Literal, NamedTuple
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from domain.refusal import NotFound, Refused
from domain.staff.roles import ROLES, must_go_together
from infra.identity.credential import Connect

DEFAULT_DAYS = 90
LONGEST_DAYS = 366
OVERLAP = timedelta(days=1)
SCOPE_KINDS = frozenset({"command", "read", "export", "open"})


class RoleUnknown(Refused):
    """There is no such role. Parameters: role."""


class LifetimeInvalid(Refused):
    """A token lives for one day to a year. Parameters: days, longest."""


class NetworkInvalid(Refused):
    """That is no network in CIDR notation. Parameters: network."""


class ScopeUnknown(Refused):
    """A scope is `command:NAME`, `read:NAME`, `export:NAME` or `open`. Parameters: scope."""


class TokenHasEnded(Refused):
    """A token that was revoked, rotated or has run out is not rotated. Parameters: id."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a token is to allow. None narrows nothing; `networks` in CIDR notation.

    A staff token (`kind`) takes roles, markets and teams from what the staff member holds each
    time it is used; those given here only narrow it, and no roles narrow nothing.
    """

    actor: str
    roles: Sequence[str]
    kind: Literal["service", "staff"] = "service"
    scopes: Sequence[str] | None = None
    markets: Sequence[str] | None = None
    teams: Sequence[str] | None = None
    networks: Sequence[str] | None = None
    days: int | None = DEFAULT_DAYS
    issued_by: str = field(default="installation")

    def check(self) -> None:
        """Raises RoleUnknown, RolesExclude, LifetimeInvalid, NetworkInvalid, ScopeUnknown."""
        if unknown := [role for role in self.roles if role not in ROLES]:
            raise RoleUnknown(role=unknown[0][:80])
        if self.kind == "service" and not self.roles:
            raise RoleUnknown(role="-")
        must_go_together(self.roles)
        if self.days is not None and not 0 < self.days <= LONGEST_DAYS:
            raise LifetimeInvalid(days=self.days, longest=LONGEST_DAYS)
        for network in self.networks or ():
            try:
                ip_network(network)
            except ValueError:
                raise NetworkInvalid(network=network[:80]) from None
        for scope in self.scopes or ():
            kind, _, name = scope.partition(":")
            if kind not in SCOPE_KINDS or (kind == "open") == bool(name):
                raise ScopeUnknown(scope=scope[:80])


class Issued(NamedTuple):
    """`token` is seen this once."""

    id: UUID
    token: str
    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A token as it may be shown. `shown` is how it begins; `last_used_at` is to the hour."""

    id: UUID
    shown: str | None
    actor: str
    kind: str
    roles: list[str]
    scopes: list[str] | None
    markets: list[str] | None
    teams: list[str] | None
    networks: list[str] | None
    issued_by: str
    made_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    replaced_by: UUID | None


_COLUMNS = (
    "id, shown, actor, kind, roles, scopes, markets, teams, networks::text[] AS networks,"
    " issued_by, made_at, expires_at, last_used_at, revoked_at, replaced_by"
)


def issue(connect: Connect, grant: Grant) -> Issued:
    """A fresh token. Raises what `Grant.check` does."""
    grant.check()
    with connect() as connection:
        return _keep(connection, new_token(), grant)


def listed(connect: Connect, *, all: bool = False) -> list[Listed]:
    """Tokens in force, the newest first; with `all`, those that ended too."""
    with connect() as connection, connection.cursor(row_factory=class_row(Listed)) as rows:
        return rows.execute(
            f"SELECT {_COLUMNS} FROM keys.credential WHERE %s OR (revoked_at IS NULL AND"
            " (expires_at IS NULL OR expires_at > clock_timestamp())) ORDER BY made_at DESC, id",
            (all,),
        ).fetchall()


def rotate(
    connect: Connect, id: UUID, *, overlap: timedelta = OVERLAP, days: int = DEFAULT_DAYS
) -> Issued:
    """A new token for the same; the old one ends after `overlap`, or when it would have anyway.

    Raises NotFound, TokenHasEnded, LifetimeInvalid.
    """
    with (
        connect() as connection,
        connection.transaction(),
        connection.cursor(row_factory=class_row(Listed)) as rows,
    ):
        old = rows.execute(
            f"SELECT {_COLUMNS} FROM keys.credential WHERE id = %s FOR UPDATE", (id,)
        ).fetchone()
        if old is None:
            raise NotFound(kind="token", id=str(id))
        grant = Grant(
            actor=old.actor,
            roles=old.roles,
            kind="staff" if old.kind == "staff" else "service",
            scopes=old.scopes,
            markets=old.markets,
            teams=old.teams,
            networks=old.networks,
            days=days,
            issued_by=old.issued_by,
        )
        grant.check()
        issued = _keep(connection, new_token(), grant)
        ended = connection.execute(
            "UPDATE keys.credential SET replaced_by = %s,"
            " expires_at = least(expires_at, clock_timestamp() + %s) WHERE id = %s"
            " AND revoked_at IS NULL AND replaced_by IS NULL"
            " AND (expires_at IS NULL OR expires_at > clock_timestamp())",
            (issued.id, overlap, id),
        )
        if ended.rowcount == 0:
            raise TokenHasEnded(id=str(id))
    return issued


def revoke(connect: Connect, id: UUID) -> None:
    """At once and for good; twice is as good as once. Raises NotFound."""
    with connect() as connection:
        known = connection.execute(
            "UPDATE keys.credential SET revoked_at = coalesce(revoked_at, clock_timestamp())"
            " WHERE id = %s",
            (id,),
        )
        if known.rowcount == 0:
            raise NotFound(kind="token", id=str(id))


def revoke_of(connect: Connect, actor: str) -> int:
    """How many tokens of an actor lost their force."""
    with connect() as connection:
        return connection.execute(
            "UPDATE keys.credential SET revoked_at = clock_timestamp()"
            " WHERE actor = %s AND revoked_at IS NULL",
            (actor,),
        ).rowcount


def new_token() -> str:
    return f"dossier_{secrets.token_urlsafe(32)}"


def hash_of(token: str) -> bytes:
    return sha256(token.encode(errors="surrogatepass")).digest()


def keep(connect: Connect, token: str, grant: Grant) -> None:
    """Makes a token known that was made elsewhere; one that is known stays as it is."""
    with connect() as connection:
        _keep(connection, token, grant)


def _keep(connection: Connection[Any], token: str, grant: Grant) -> Issued:
    row = connection.execute(
        "INSERT INTO keys.credential (token_sha256, shown, actor, roles, kind, scopes, markets,"
        " teams, networks, issued_by, expires_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s,"
        " %s::text[]::cidr[], %s, clock_timestamp() + %s) ON CONFLICT (token_sha256)"
        " DO UPDATE SET revoked_at = keys.credential.revoked_at RETURNING id, expires_at",
        (
            hash_of(token),
            token[:14],
            grant.actor,
            list(grant.roles),
            grant.kind,
            *(_texts(given) for given in (grant.scopes, grant.markets, grant.teams)),
            _texts(grant.networks),
            grant.issued_by,
            None if grant.days is None else timedelta(days=grant.days),
        ),
    ).fetchone()
    assert row is not None
    return Issued(row[0], token, row[1])


def _texts(given: Sequence[str] | None) -> list[str] | None:
    return None if given is None else list(given)
