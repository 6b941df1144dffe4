"""Who handled one person's data? What was recorded about them, and every access, granted or denied.

Ids and codes only: no body of an event is read, and the trail holds no values.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel


class Recording(BaseModel):
    """One event of one command. Times are aware, in UTC."""

    event_id: UUID
    position: int
    stream: UUID
    version: int
    type: str
    at: datetime
    recorded_at: datetime
    actor: str
    role: str
    on_behalf_of: str | None
    purpose: str
    command_id: UUID


class Access(BaseModel):
    """One row of the trail that names the person; `fields` as "Type.path". `record_ref` is the
    event that was opened from, if it was one and nobody else's was opened with it."""

    id: int
    at: datetime
    actor: str
    role: str
    on_behalf_of: str | None
    operation: str
    purpose: str
    legal_basis: str | None
    decision: str
    rule: str
    policy: str | None
    fields: Sequence[str]
    record_ref: UUID | None
    recipient: str | None
    break_glass: UUID | None


def recordings_of(db: Connection[Any], customer: UUID) -> list[Recording]:
    """Every event about this customer, over all streams, in the order they were recorded."""
    with db.cursor(row_factory=class_row(Recording)) as rows:
        return rows.execute(
            """
            SELECT e.event_id, e.position, e.stream, e.version, e.type, e.at, e.recorded_at,
                   e.actor, e.role, e.on_behalf_of, e.purpose, e.command_id
            FROM es.streams s JOIN es.events e ON e.stream = s.stream
              AND e.position BETWEEN s.first_position AND s.last_position
            WHERE s.subject = %s ORDER BY e.position
            """,
            (customer,),
        ).fetchall()


def accesses_of(db: Connection[Any], customer: UUID) -> list[Access]:
    """Every access to this customer's data that the trail has, in order, refused ones too. Of rows
    that name others as well only what is the customer's own."""
    with db.cursor(row_factory=class_row(Access)) as rows:
        return rows.execute(
            """
            SELECT id, at, actor, role, on_behalf_of, operation, purpose, legal_basis, decision,
                   rule, policy, fields, recipient, break_glass,
                   CASE WHEN cardinality(subjects) = 1 THEN record_ref END AS record_ref
            FROM trail.access WHERE subjects @> ARRAY[%s::uuid] ORDER BY id
            """,
            (customer,),
        ).fetchall()
