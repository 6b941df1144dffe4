"""Parking: what a projection cannot apply waits, with every later event of the same key.

What the machine or the server is to blame for is never parked: the worker tries again.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg import Connection, Cursor

from infra.projector.builds import Build

ATTEMPTS = 3
INFRASTRUCTURE = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.InternalError,
    OSError,
    MemoryError,
)
"""Tried again, on another connection, for as long as it takes."""
LONGEST_ERROR = 500


class LostLease(Exception):
    """Another worker has this build, or it is there no more."""


class Parked(NamedTuple):
    """`waiting` counts the later events of the same key."""

    name: str
    build: int
    key: UUID
    position: int
    type: str
    error: str
    attempts: int
    waiting: int


def is_poison(fault: Exception) -> bool:
    """Whether it is the event that cannot be applied, now or later."""
    return not isinstance(fault, (*INFRASTRUCTURE, psycopg.ProgrammingError, LostLease))


def told(fault: Exception) -> str:
    """What happened and where, as it is kept and shown."""
    notes = "; ".join(getattr(fault, "__notes__", ()))
    said = f"{type(fault).__name__}: {fault}" + (f" ({notes})" if notes else "")
    return said.replace("\0", "\ufffd")[:LONGEST_ERROR]


def parked(connection: Connection[Any]) -> list[Parked]:
    """The first event of every parked key, by name, build and position."""
    rows = connection.execute(
        "SELECT DISTINCT ON (name, version, key) name, version, key, position, type, error,"
        " attempts, count(*) OVER (PARTITION BY name, version, key) - 1 FROM es.parked"
        " ORDER BY name, version, key, position"
    )
    return sorted((Parked(*row) for row in rows), key=lambda p: (p.name, p.build, p.position))


def parked_keys(cursor: Cursor[Any], build: Build) -> set[UUID]:
    cursor.execute(
        "SELECT DISTINCT key FROM es.parked WHERE name = %s AND version = %s", _of(build)
    )
    return {key for (key,) in cursor.fetchall()}


def park(
    cursor: Cursor[Any], build: Build, key: UUID, position: int, type_: str, fault: Exception
) -> None:
    cursor.execute(
        "INSERT INTO es.parked (name, version, key, position, type, error, attempts)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (*_of(build), key, position, type_, told(fault), ATTEMPTS),
    )


def park_later(
    cursor: Cursor[Any], build: Build, after: int, upto: int, keys: Collection[UUID]
) -> None:
    """Those of the parked keys that stand in this stretch, behind the first that was parked."""
    types = build.projection.types
    cursor.execute(
        "INSERT INTO es.parked (name, version, key, position, type)"
        " SELECT p.name, p.version, p.key, e.position, e.type FROM es.events e"
        " JOIN (SELECT name, version, key, min(position) AS first FROM es.parked"
        "   WHERE name = %(name)s AND version = %(version)s GROUP BY name, version, key) p"
        " ON p.key = CASE %(by)s WHEN 'stream' THEN e.stream ELSE e.subject END"
        " WHERE e.position > %(after)s AND e.position <= %(upto)s AND e.position > p.first"
        " AND p.key = ANY(%(keys)s) AND (%(types)s::text[] IS NULL OR e.type = ANY(%(types)s))"
        " ON CONFLICT DO NOTHING",
        {
            "name": build.projection.name,
            "version": build.number,
            "by": build.projection.parks_by,
            "after": after,
            "upto": upto,
            "keys": list(keys),
            "types": None if types is None else list(types),
        },
    )


def waiting(cursor: Cursor[Any], build: Build, key: UUID | None) -> dict[UUID, list[int]]:
    """The positions parked, in order, by key; of one key or of all."""
    cursor.execute(
        "SELECT key, position FROM es.parked WHERE name = %s AND version = %s"
        " AND (%s::uuid IS NULL OR key = %s) ORDER BY key, position",
        (*_of(build), key, key),
    )
    found: dict[UUID, list[int]] = {}
    for held, position in cursor.fetchall():
        found.setdefault(held, []).append(position)
    return found


def applied(cursor: Cursor[Any], build: Build, key: UUID, positions: Collection[int]) -> None:
    cursor.execute(
        "DELETE FROM es.parked"
        " WHERE name = %s AND version = %s AND key = %s AND position = ANY(%s)",
        (*_of(build), key, list(positions)),
    )


def failed_again(
    cursor: Cursor[Any], build: Build, key: UUID, position: int, fault: Exception
) -> None:
    cursor.execute(
        "UPDATE es.parked SET error = %s, attempts = attempts + 1"
        " WHERE name = %s AND version = %s AND key = %s AND position = %s",
        (told(fault), *_of(build), key, position),
    )


def _of(build: Build) -> tuple[str, int]:
    return build.projection.name, build.number
