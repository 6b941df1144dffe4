"""Consents and agreements as the record has them at this moment.

Nothing is cached and no read model is asked: they are folded from the customers' own streams, so
that a withdrawal counts from the next request on, in every process.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast, get_args
from uuid import UUID

from psycopg import Connection

from domain.customer.consent import ConsentEvent, Consents
from domain.personal import Category
from infra.record.packed import Texts, Uuids
from infra.record.registry import registry

NONE = Consents()
_TYPES = [event.__name__ for event in get_args(ConsentEvent)]


class Heading(NamedTuple):
    """What has to be known of an event to read its body."""

    event_id: UUID
    type: str
    schema: int
    at: datetime
    at_precision: str


def consents_of(connection: Connection[Any], subjects: Collection[UUID]) -> Mapping[UUID, Consents]:
    """The consents of these customers, as recorded by now; one query for all of them.

    Whoever is not on record has none. The same for a customer one of whose consent events has lost
    its body: without it nothing can be shown to hold.
    """
    found = dict.fromkeys(subjects, NONE)
    unreadable: set[UUID] = set()
    for stream, body, *heading in _rows(connection, list(found), _TYPES):
        if body is None:
            unreadable.add(stream)
            continue
        event = registry().decode(Heading(*heading), bytes(body))
        found[stream] = found[stream].after(cast("ConsentEvent", event))
    return {subject: NONE if subject in unreadable else c for subject, c in found.items()}


def permitted(
    connection: Connection[Any],
    subjects: Sequence[UUID],
    purpose: str,
    categories: Collection[Category],
    at: datetime,
    recipient: str | None = None,
) -> list[UUID]:
    """Those of `subjects`, in order, whose consent allows this use at `at` (aware). A job asks
    this for every batch, right before it uses the batch."""
    held = consents_of(connection, subjects)
    return [s for s in subjects if held[s].valid_for(purpose, categories, recipient, at)]


def _rows(
    connection: Connection[Any], streams: Sequence[UUID], types: Sequence[str]
) -> list[tuple[Any, ...]]:
    """A consent ends no later than that is on record, whatever time the note of it gives."""
    return connection.execute(
        "SELECT stream, body, event_id, type, schema,"
        " CASE WHEN type = 'ConsentGranted' THEN at ELSE least(at, recorded_at) END, at_precision"
        " FROM es.events"
        " WHERE stream = ANY(%s::uuid[]) AND type = ANY(%s::text[]) ORDER BY stream, version",
        (Uuids(streams), Texts(types)),
        prepare=True,
        binary=True,
    ).fetchall()
