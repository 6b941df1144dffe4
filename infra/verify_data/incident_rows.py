"""Every row of an incident as the history tells it: when it was, in which state, how often touched.

A row left at least one event, all under its `source_ref`; a value it did not change stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from infra.imports.incidents import SOURCE
from infra.product import Product

FETCHED = 5_000
_EVENTS = (
    "SELECT h.stream, h.type, h.at, h.source_ref, h.facts->>'source_state',"
    " h.facts->'attributes'->>'sys_mod_count', h.facts->>'priority'"
    " FROM read.history h JOIN read.tickets t ON t.ticket = h.stream"
    " WHERE t.source = %s ORDER BY h.stream, h.version"
)


class SeenRow(NamedTuple):
    """`touched` is the source's own count of changes."""

    at: datetime
    state: str | None
    touched: str | None


class Seen(NamedTuple):
    """`opened_at` is told by the first event, which is no row."""

    opened_at: datetime
    rows: Sequence[SeenRow]
    priorities: int


def seen(product: Product) -> Mapping[UUID, Seen]:
    with (
        product.record.connection() as connection,
        connection.transaction(),
        connection.cursor("incident_rows") as cursor,
    ):
        cursor.itersize = FETCHED
        cursor.execute(_EVENTS, (SOURCE,))
        return {
            ticket: _seen(events)
            for ticket, group in groupby(cursor, itemgetter(0))
            if (events := [event[1:] for event in group if event[3] is not None])
        }


def by_state(cases: Iterable[Seen]) -> Counter[str]:
    return Counter(row.state or "" for case in cases for row in case.rows)


def import_counts(
    cases: Mapping[UUID, Seen], tickets: Sequence[Mapping[str, Any]]
) -> dict[str, int]:
    """`tickets` are rows of `read.tickets`."""
    steps = [step for case in cases.values() for step in pairwise(case.rows)]
    states = by_state(cases.values())
    return {
        "events": states.total(),
        "incidents": len(tickets),
        "events_same_minute_as_previous": sum(now.at == before.at for before, now in steps),
        "events_going_back_in_time": sum(now.at < before.at for before, now in steps),
        "events_before_opened_at": sum(
            row.at < case.opened_at for case in cases.values() for row in case.rows
        ),
        "incidents_whose_first_event_is_not_New": sum(
            case.rows[0].state != "New" for case in cases.values() if case.rows
        ),
        "incidents_without_resolved_at": sum(
            not (ticket["attributes"] or {}).get("resolved_at") for ticket in tickets
        ),
        "events_with_state_-100": states["-100"],
        "incidents_with_priority_change": sum(case.priorities > 1 for case in cases.values()),
        "duplicate_number_sys_mod_count": sum(
            len(case.rows) - len({row.touched for row in case.rows}) for case in cases.values()
        ),
    }


def _seen(events: Sequence[tuple[Any, ...]]) -> Seen:
    (_, opened_at, opening, *_), *rest = events
    rows = list(_rows(event for event in rest if event[2] != opening))
    priorities = {event[-1] for event in events if event[-1] is not None}
    return Seen(opened_at, rows, len(priorities))


def _rows(events: Iterable[tuple[Any, ...]]) -> Iterator[SeenRow]:
    state: str | None = None
    touched: str | None = None
    for _, group in groupby(events, itemgetter(2)):
        row = list(group)
        for _, _, _, now, count, _ in row:
            state, touched = now or state, touched if count is None else count
        yield SeenRow(row[-1][1], state, touched)
