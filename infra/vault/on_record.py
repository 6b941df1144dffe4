"""What the record itself says of keys: as what each was made, and which were destroyed.

The row of a key can be changed by whoever can write to the key table; the events cannot be without
`dossier verify` finding it. So the commitment a key is held against is the one in its
SubjectKeyCreated event, and a key that PersonalDataErased names is never used again, whatever the
key table says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from domain.personal import Category
from infra.record.packed import Uuids
from infra.record.registry import registry
from infra.vault.opening_key import Reference


class _Heading(NamedTuple):
    event_id: UUID
    type: str
    schema: int
    at: Any
    at_precision: str


class OnRecord(NamedTuple):
    """Commitments by key; the subjects whose erasure is on record."""

    made: Mapping[Reference, str]
    destroyed: frozenset[Reference]


def on_record(connection: Connection[Any], subjects: Iterable[UUID]) -> OnRecord:
    """Of these subjects. Of two events that make the same key the first counts."""
    rows = connection.execute(
        "SELECT subject, type, schema, body FROM es.events WHERE subject = ANY(%s)"
        " AND type IN ('SubjectKeyCreated', 'PersonalDataErased') AND body IS NOT NULL"
        " ORDER BY position",
        (Uuids(sorted(set(subjects))),),
        prepare=True,
    ).fetchall()
    made: dict[Reference, str] = {}
    destroyed: set[Reference] = set()
    values = registry().values
    for subject, name, schema, body in rows:
        said = values(_Heading(subject, name, schema, None, ""), bytes(body))
        if name == "SubjectKeyCreated":
            made.setdefault(_key(subject, said), said["commitment"])
        else:
            destroyed.update(_key(subject, key) for key in said["keys"])
    return OnRecord(made, frozenset(destroyed))


def _key(subject: UUID, said: Mapping[str, Any]) -> Reference:
    return subject, Category(said["category"]), int(said["generation"])
