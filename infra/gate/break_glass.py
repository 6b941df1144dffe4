"""Breaking the glass: an auditor may see values for a while, for a reason, and somebody is told.

A reason is a code from the policy and the number of a case, never words: the trail holds nothing a
person typed. What was opened then has a row per event (see `Gate`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from psycopg import Connection

from domain.policy.access import AccessPolicy
from domain.refusal import Refused
from infra.gate.reader import Reader

REFERENCE = re.compile(r"[A-Z]{2,8}-[0-9]{1,12}")
TOPIC = "break-glass"

Connect = Callable[[], AbstractContextManager[Connection[Any]]]


class GlassNotForRole(Refused):
    """This role has no glass to break for this purpose. Parameters: role, purpose."""

    clause = "CB-14.1b"


class GlassReasonMissing(Refused):
    """A reason from the list and the number of a case are needed. Parameters: reasons, example."""

    clause = "CB-14.3b"


class BrokenGlass(NamedTuple):
    """`until`: when it ends, in UTC. `accesses`: how many requests were made under it."""

    id: UUID
    actor: str
    role: str
    purpose: str
    reason: str
    reference: str
    since: datetime
    until: datetime
    tells: str
    accesses: int = 0


class Notice(NamedTuple):
    """What a role has to be told. `about`: the id of what it is about."""

    id: int
    at: datetime
    role: str
    topic: str
    about: UUID


class Glass(Protocol):
    def broken(self, reader: Reader, purpose: str, at: datetime) -> UUID | None:
        """The glass that this reader broke for this purpose and whose time is not up; the one the
        reader names, if one is named."""


class NoGlass:
    def broken(self, reader: Reader, purpose: str, at: datetime) -> UUID | None:
        return None


class PostgresGlass:
    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def broken(self, reader: Reader, purpose: str, at: datetime) -> UUID | None:
        with self._connect() as connection:
            row = connection.execute(
                "SELECT id FROM trail.break_glass WHERE actor = %s AND role = %s AND purpose = %s"
                " AND from_at <= %s AND until_at > %s AND id = coalesce(%s, id)"
                " ORDER BY until_at DESC, id LIMIT 1",
                (reader.actor, reader.role, purpose, at, at, reader.break_glass),
                prepare=True,
            ).fetchone()
        return None if row is None else row[0]


def break_glass(
    connect: Connect,
    policy: AccessPolicy,
    reader: Reader,
    purpose: str,
    *,
    reason: str,
    reference: str,
    glass: UUID,
    at: datetime,
) -> BrokenGlass:
    """Recorded, and the role that has to know told in the same transaction. Until it ends, the
    gate lets this actor in this role open for this purpose. `reference`: the number of a case,
    like "INC-2026".

    Raises GlassNotForRole, GlassReasonMissing.
    """
    rule = policy.breaking(reader.role, purpose, at.date())
    if rule is None:
        raise GlassNotForRole(role=reader.role, purpose=purpose)
    if reason not in rule.reasons or not REFERENCE.fullmatch(reference):
        raise GlassReasonMissing(reasons=", ".join(rule.reasons), example="INC-2026")
    broken = BrokenGlass(
        id=glass,
        actor=reader.actor,
        role=reader.role,
        purpose=purpose,
        reason=reason,
        reference=reference,
        since=at,
        until=at + timedelta(minutes=rule.minutes),
        tells=rule.tells,
    )
    with connect() as connection, connection.transaction():
        connection.execute(
            f"INSERT INTO trail.break_glass ({_COLUMNS}, rule, policy)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (*broken[:-1], rule.id, policy.name),
        )
        connection.execute(
            "INSERT INTO trail.notice (role, topic, about) VALUES (%s, %s, %s)",
            (rule.tells, TOPIC, glass),
        )
        connection.execute("SELECT pg_notify('dossier_notice', %s)", (rule.tells,))
    return broken


def broken_between(
    connection: Connection[Any], since: datetime, until: datetime
) -> list[BrokenGlass]:
    """Every broken glass of a period and how many requests were made under it, oldest first: what
    the half-yearly report lists."""
    return [
        BrokenGlass(*row)
        for row in connection.execute(
            f"SELECT {_COLUMNS}, (SELECT count(DISTINCT a.correlation) FROM trail.access a"
            " WHERE a.break_glass = g.id AND a.decision = 'permit') FROM trail.break_glass g"
            " WHERE from_at >= %s AND from_at < %s ORDER BY from_at, id",
            (since, until),
        )
    ]


def unseen(connection: Connection[Any], roles: Sequence[str]) -> list[Notice]:
    """What these roles were told and nobody has confirmed yet, oldest first."""
    return [
        Notice(*row)
        for row in connection.execute(
            "SELECT id, at, role, topic, about FROM trail.notice n WHERE role = ANY(%s) AND"
            " NOT EXISTS (SELECT FROM trail.notice_seen s WHERE s.notice = n.id) ORDER BY id",
            (list(roles),),
        )
    ]


def confirm(connection: Connection[Any], notice: int, actor: str) -> bool:
    """That it was seen, by whom; again changes nothing. Whether there is such a notice."""
    connection.execute(
        "INSERT INTO trail.notice_seen (notice, actor) SELECT id, %s FROM trail.notice"
        " WHERE id = %s ON CONFLICT DO NOTHING",
        (actor, notice),
    )
    row = connection.execute(
        "SELECT count(*) FROM trail.notice_seen WHERE notice = %s", (notice,)
    ).fetchone()
    return row is not None and row[0] == 1


_COLUMNS = "id, actor, role, purpose, reason, reference, from_at, until_at, tells"
