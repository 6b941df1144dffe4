"""The trail of log-ins: every attempt that failed, and once an hour that a credential was used."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from psycopg import Connection

from infra.identity.attempts import Address

Method = Literal["token", "oidc"]


def note_login(
    connection: Connection[Any],
    decision: Literal["permit", "deny"],
    method: Method,
    rule: str,
    *,
    actor: str | None = None,
    credential: UUID | None = None,
    source: Address | None = None,
) -> None:
    """One row in trail.login. `rule` says why, by a code of ours."""
    connection.execute(
        "INSERT INTO trail.login (decision, method, rule, actor, credential, source)"
        " VALUES (%s, %s, %s, %s, %s, %s::inet)",
        (decision, method, rule, actor, credential, None if source is None else str(source)),
    )
