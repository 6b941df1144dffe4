"""A case as an importer hands it on: its rows, whom it is about, and what it comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from commands.command import History
from domain.customer.events import CustomerRegistered
from domain.event import Event
from domain.terms import Market, Tier
from infra.imports.problem import RowProblem
from infra.imports.reading import Row
from infra.imports.spool import Placed

Fields = Sequence[str]


class Person(NamedTuple):
    """Whom a case is about. `external_id` None: somebody nobody knows, registered with the case.

    `registered` is what is recorded if they are new."""

    external_id: str | None
    registered: CustomerRegistered


class Standing(NamedTuple):
    """A customer as they stand when a case of theirs is recorded."""

    customer: UUID
    tier: Tier | None
    market: Market | None


class Verdict(NamedTuple):
    """What is still to be recorded of a case, with the source row of each fact, and rows of it that
    cannot be."""

    facts: Sequence[Event]
    refs: Sequence[str]
    refused: Sequence[tuple[Row, RowProblem]] = ()


Decide = Callable[[Standing, History | None], Verdict]


@dataclass(frozen=True, slots=True)
class Case:
    """`number` is the source's. `decide` may refuse, or raise RowProblem; a history is what is on
    record already."""

    number: str
    kind: str
    stream: UUID
    person: Person
    rows: Sequence[Row]
    decide: Decide


class LeftOut(NamedTuple):
    """Rows that are well-formed and no case of ours."""

    code: str
    reason: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Source:
    """A kind of file. Rows come with the fields of `columns`, in this order, then those of
    `optional`, empty where the file has no such column.

    `place` says where a row belongs and raises RowProblem if it is malformed; `case` reads the rows
    of one case together and may count what a reader should know under `notes`. `assumptions` are
    what the file does not say and we took for granted.
    """

    name: str
    columns: tuple[str, ...]
    assumptions: str
    purpose: str
    place: Callable[[Fields], Placed]
    case: Callable[[str, Sequence[Row], Counter[str]], Case | LeftOut]
    optional: tuple[str, ...] = ()


def recorded_refs(history: History | None) -> frozenset[str]:
    """The source rows of which something is on record."""
    if history is None:
        return frozenset()
    return frozenset(r.header.source_ref for r in history.events if r.header.source_ref is not None)


def late_rows(refs: Sequence[str], known: Collection[str]) -> frozenset[str]:
    """Of rows in their order those that are not on record though a later one is."""
    last = max((n for n, ref in enumerate(refs) if ref in known), default=0)
    return frozenset(ref for ref in refs[:last] if ref not in known)


def came_late() -> RowProblem:
    """What followed was understood without it, so it is not slipped in behind."""
    return RowProblem("row_out_of_order", "later rows of this case are on record already")
