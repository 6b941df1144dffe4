"""Erasing tokens where the order of events alone would leave or bring back some."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from psycopg import Cursor

from infra.projector.builds import Build
from infra.projector.reading import Reading
from projections.projection import ERASED, erased_among
from projections.table import erase_tokens


def erase_again(cursor: Cursor[Any], reading: Reading, keys: Iterable[UUID], reached: int) -> None:
    """What was parked before an erasure brought tokens back that the erasure had nulled."""
    cursor.execute(
        "SELECT DISTINCT x.position FROM es.events e JOIN es.events x ON x.stream = e.subject"
        " WHERE (e.stream = ANY(%(keys)s) OR e.stream IN (SELECT s.stream FROM es.streams s"
        " WHERE s.subject = ANY(%(keys)s))) AND x.type = %(erased)s"
        " AND x.position <= %(reached)s ORDER BY x.position",
        {"keys": list(keys), "erased": ERASED, "reached": reached},
    )
    table = reading.build.projection.table
    for (position,) in cursor.fetchall():
        for categories, customers in erased_among(
            reading.read(cursor, position - 1, position)
        ).items():
            table.erase(cursor, reading.build.schema, sorted(customers), categories)


def erase_elsewhere(cursor: Cursor[Any], reading: Reading, after: int, upto: int) -> None:
    """In builds that are kept and not shown, which nobody may be reading events for."""
    projection = reading.build.projection
    cursor.execute(
        "SELECT version FROM es.projection WHERE name = %s AND state <> 'live' FOR SHARE",
        (projection.name,),
    )
    others = [Build(projection, number).schema for (number,) in cursor.fetchall()]
    if not others:
        return
    cursor.execute(
        "SELECT position FROM es.events WHERE position > %s AND position <= %s AND type = %s",
        (after, upto, ERASED),
    )
    erased = [reading.read(cursor, at - 1, at) for (at,) in cursor.fetchall()]
    for entries in erased:
        for categories, customers in erased_among(entries).items():
            for schema in others:
                erase_tokens(cursor, schema, projection.table.name, sorted(customers), categories)
