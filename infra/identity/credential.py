"""A credential: who comes in, in which roles, and how far.

Actor and role are taken from here and from nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from commands.command import Command
from domain.refusal import Refused
from infra.dispatch import Caller

Connect = Callable[[], AbstractContextManager[Connection[Any]]]


class Unauthenticated(Refused):
    """Nobody is known by this token, or none was sent. Says no more to whoever is not known."""


class TooManyFailures(Refused):
    """Too many attempts failed from there of late. Parameters: retry_after (seconds)."""


class OutOfScope(Refused):
    """The token was not issued for that. Parameters: scope."""

    clause = "CB-14.1b"


class NoRoleHeld(Refused):
    """Whoever comes in holds no role here now."""

    clause = "CB-14.1b"


class Credential(NamedTuple):
    """Who comes in. `roles` in order of preference, never empty.

    `scopes`, `markets`, `teams`: None where nothing narrows them. A scope is `command:NAME`,
    `read:NAME`, `export:NAME` or `open`; `command:*` and the like mean all of a kind. `method` is
    token or oidc.
    """

    actor: str
    roles: Sequence[str]
    scopes: frozenset[str] | None = None
    markets: frozenset[str] | None = None
    teams: frozenset[str] | None = None
    id: UUID | None = None
    method: str = "token"

    def caller(self, command: type[Command]) -> Caller:
        """In the first of its roles that may ask for this; in its first one if none may.

        Raises OutOfScope.
        """
        self.must_reach(f"command:{command.__name__}")
        fitting = (role for role in self.roles if role in command.ROLES)
        return Caller(self.actor, next(fitting, self.roles[0]))

    def must_reach(self, scope: str) -> None:
        """Raises OutOfScope if this was not issued for `scope`."""
        if self.scopes is None:
            return
        kind = scope.partition(":")[0]
        if scope not in self.scopes and f"{kind}:*" not in self.scopes:
            raise OutOfScope(scope=scope[:80])
