"""What scope asks of a person: their market, and whose cases they have.

Read from the record itself, not from a projection, and kept for a few seconds: a case that changes
hands changes who sees its customer within that time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import orjson
from psycopg import Connection

from infra.gate.reader import Reader
from infra.record.packed import Texts, Uuids

KEPT_SECONDS = 5.0
KEPT_SUBJECTS = 50_000
_ASSIGNED = ("TicketAssigned", "ComplaintAssigned")


class Facts(NamedTuple):
    """`market` None: not known. `owners` and `teams`: of the cases as they are assigned now."""

    market: str | None = None
    owners: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()

    def in_scope_of(self, reader: Reader) -> bool:
        if reader.markets is not None and self.market not in reader.markets:
            return False
        if reader.teams is None and not reader.own:
            return True
        return (reader.own and reader.actor in self.owners) or bool(
            reader.teams and self.teams & reader.teams
        )


NOTHING_KNOWN = Facts()


class Subjects(Protocol):
    def facts(self, subjects: Iterable[UUID], *, cases: bool) -> Mapping[UUID, Facts]:
        """`cases`: whether owners and teams are wanted. Who is not known is left out."""


class NoSubjects:
    """Where there is no record to ask: nobody is in a scope that has bounds."""

    def facts(self, subjects: Iterable[UUID], *, cases: bool) -> Mapping[UUID, Facts]:
        return {}


class PostgresSubjects:
    def __init__(self, connect: Callable[[], AbstractContextManager[Connection[Any]]]) -> None:
        self._connect = connect
        self._kept: dict[tuple[UUID, bool], tuple[float, Facts]] = {}

    def facts(self, subjects: Iterable[UUID], *, cases: bool) -> Mapping[UUID, Facts]:
        now = time.monotonic()
        found: dict[UUID, Facts] = {}
        missing = []
        for subject in subjects:
            kept = self._kept.get((subject, cases))
            if kept is not None and kept[0] > now:
                found[subject] = kept[1]
            else:
                missing.append(subject)
        if missing:
            fresh = self._read(missing, cases)
            if len(self._kept) > KEPT_SUBJECTS:
                self._kept.clear()
            for subject, facts in fresh.items():
                self._kept[subject, cases] = now + KEPT_SECONDS, facts
            found |= fresh
        return found

    def _read(self, subjects: list[UUID], cases: bool) -> dict[UUID, Facts]:
        with self._connect() as connection:
            markets = dict(
                connection.execute(
                    "SELECT s.stream, e.market FROM es.streams s"
                    " JOIN es.events e ON e.position = s.last_position WHERE s.stream = ANY(%s)",
                    (Uuids(subjects),),
                    prepare=True,
                ).fetchall()
            )
            held = {}
            if cases:
                assigned = connection.execute(_CASES, (Texts(_ASSIGNED), Uuids(subjects)))
                held = _held(assigned.fetchall())
        return {
            subject: Facts(market, *held.get(subject, (frozenset(), frozenset())))
            for subject, market in markets.items()
        }


_CASES = (
    "SELECT s.subject, b.body FROM es.streams s CROSS JOIN LATERAL (SELECT e.body FROM es.events e"
    " WHERE e.stream = s.stream AND e.position BETWEEN s.first_position AND s.last_position"
    " AND e.type = ANY(%s) ORDER BY e.version DESC LIMIT 1) b"
    " WHERE s.subject = ANY(%s) AND s.kind IN ('ticket', 'complaint')"
)


def _held(rows: Iterable[tuple[UUID, bytes]]) -> dict[UUID, tuple[frozenset[str], frozenset[str]]]:
    owners: dict[UUID, set[str]] = {}
    teams: dict[UUID, set[str]] = {}
    for subject, body in rows:
        assignment = orjson.loads(body)
        if owner := assignment.get("owner"):
            owners.setdefault(subject, set()).add(owner)
        owners.setdefault(subject, set()).update(assignment.get("participants", ()))
        if team := assignment.get("group"):
            teams.setdefault(subject, set()).add(team)
    return {
        subject: (frozenset(owners[subject]), frozenset(teams.get(subject, ())))
        for subject in owners
    }
