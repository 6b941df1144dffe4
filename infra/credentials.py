"""A credential: a token, kept as its SHA-256, that says who comes in and in which roles.

Actor and role are taken from here and from nowhere else. The administrator's token lies in
`credentials/admin.token` of the data folder, mode 0600; whoever can read that file is trusted as
one who can read the keys beside it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import Connection

from commands.command import Command
from domain.refusal import Refused
from infra.dispatch import Caller
from infra.gate.permissions import ROLES
from infra.home import Home, write_private

ADMIN = "admin"
ADMIN_ROLES = (
    "crm_admin",
    "supervisor",
    "complaint_officer",
    "department_head",
    "management",
    "compliance_officer",
    "agent",
    "sales",
    "auditor",
)
"""Every role a person may have. What one person may not do twice over is refused by actor."""

Connect = Callable[[], AbstractContextManager[Connection[Any]]]


class Unauthenticated(Refused):
    """Nobody is known by this token, or none was sent."""


class RoleUnknown(Refused):
    """There is no such role. Parameters: role."""


class Credential(NamedTuple):
    """Who comes in. `roles` in order of preference."""

    actor: str
    roles: Sequence[str]

    def caller(self, command: type[Command]) -> Caller:
        """In the first of its roles that may ask for this; in its first one if none may."""
        fitting = (role for role in self.roles if role in command.ROLES)
        return Caller(self.actor, next(fitting, self.roles[0]))


def authenticated(connect: Connect, token: str | None) -> Credential:
    """Whom a token belongs to. Raises Unauthenticated."""
    if token is None:
        raise Unauthenticated
    with connect() as connection:
        row = connection.execute(
            "SELECT actor, roles FROM keys.credential"
            " WHERE token_sha256 = %s AND revoked_at IS NULL",
            (_hash(token),),
            prepare=True,
        ).fetchone()
    if row is None:
        raise Unauthenticated
    return Credential(row[0], row[1])


def issue(connect: Connect, actor: str, roles: Sequence[str]) -> str:
    """A fresh token for an actor; this is the only time it is seen. Raises RoleUnknown."""
    if unknown := [role for role in roles if role not in ROLES]:
        raise RoleUnknown(role=unknown[0])
    token = f"dossier_{secrets.token_urlsafe(32)}"
    _keep(connect, token, actor, roles)
    return token


def revoke(connect: Connect, actor: str) -> int:
    """How many tokens of an actor lost their force."""
    with connect() as connection:
        return connection.execute(
            "UPDATE keys.credential SET revoked_at = clock_timestamp()"
            " WHERE actor = %s AND revoked_at IS NULL",
            (actor,),
        ).rowcount


def admin_token(home: Home, connect: Connect) -> Path:
    """The file with the administrator's token, made if absent, known to this database."""
    path = home.credentials / "admin.token"
    if not path.exists():
        write_private(path, issue(connect, ADMIN, ADMIN_ROLES) + "\n")
    else:
        _keep(connect, path.read_text("ascii").strip(), ADMIN, ADMIN_ROLES)
    return path


def _keep(connect: Connect, token: str, actor: str, roles: Sequence[str]) -> None:
    with connect() as connection:
        connection.execute(
            "INSERT INTO keys.credential (token_sha256, actor, roles) VALUES (%s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            (_hash(token), actor, list(roles)),
        )


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
