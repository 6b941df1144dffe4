"""Another version of a policy or a calendar, tried on the recorded history; nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from domain.calendar.refusals import CalendarNotPublished
from domain.opening_hours import Calendar
from domain.policy.deadline import DeadlineRule, Pack
from domain.policy.rulebook import Rulebook
from domain.publication.events import RowKind
from domain.publication.refusals import PolicyEmpty
from domain.publication.rows import check, deadline
from domain.refusal import NotFound
from domain.timer_events import Move
from domain.what_if import Fate, fates, under_calendar, under_policy
from infra.calendars.recorded import calendar_on_record
from infra.product import Product
from infra.publication.as_of import RulesAsOf
from infra.publication.documents import document_at, drafted
from queries.cases_of_promises import cases_of_promises

TRIED = 999_999
"""The number of a version that is only a file."""


@dataclass(frozen=True)
class Change:
    """`reason`: of the moves people made for which there would have been none."""

    name: str
    of: Callable[[Rulebook], Rulebook]
    reason: Move


def policy_change(rules: Rulebook, name: str) -> Change:
    """A version ever published, by name@version. Raises NotFound."""
    rows = [rule for rule in rules.rules if rule.pack.name == name]
    if not rows:
        raise NotFound(kind="policy", id=name)
    return _to_policy(name, rows)


def file_change(path: Path) -> Change:
    """What a policy file says, whether or not it was ever drafted. Raises PolicyFileUnreadable,
    PolicyFilePart, InvalidRequest, PolicyEmpty, and what a row is refused with."""
    document = drafted(document_at(path), path.name)
    policy = document.policy_id
    pack = Pack(id=policy, version=TRIED, says=document.says, zh=document.zh)
    rules = []
    for row in document.all_rows():
        check(policy, row)
        if row.kind is RowKind.DEADLINE:
            rules.append(deadline(row.row, pack))
    if not rules:
        raise PolicyEmpty(policy=policy)
    return _to_policy(path.name, rules)


def calendar_change(product: Product, name: str) -> Change:
    """A version ever published. Raises CalendarNotPublished."""
    calendar = published_calendar(product, name)
    return Change(name, lambda rules: under_calendar(rules, calendar), Move.CALENDAR)


def published_calendar(product: Product, name: str) -> Calendar:
    """By name@version. Raises CalendarNotPublished."""
    id, _, number = name.rpartition("@")
    known = calendar_on_record(product.record, id)
    version = known.versions.get(int(number)) if known is not None else None
    if version is None:
        raise CalendarNotPublished(calendar=id, version=number)
    return version.drafted.content.calendar(id, int(number))


def _to_policy(name: str, rows: Sequence[DeadlineRule]) -> Change:
    return Change(name, lambda rules: under_policy(rules, rows), Move.POLICY)


class Trial:
    """Each promise that began in a period, `start` to before `end`, as it is and as it would be by
    `until`."""

    def __init__(
        self,
        product: Product,
        change: Change,
        start: datetime,
        end: datetime,
        until: datetime,
        market: str | None = None,
    ) -> None:
        self._record = product.record
        self._change = change
        self._as_of = RulesAsOf(product.record, product.rules)
        self._tried: dict[int, Rulebook] = {}
        self._start, self._end, self._until = start, end, until
        rules = product.rules
        triggers = sorted(rules.started_by.keys() | change.of(rules).started_by.keys())
        with product.record.connection() as connection:
            self.cases = cases_of_promises(connection, triggers, start, end, market)

    def fates(self) -> Iterator[list[Fate]]:
        """Case by case."""
        for case in self.cases:
            yield self._of(case)

    def _of(self, case: UUID) -> list[Fate]:
        history = self._record.read_stream(case)
        found = fates(history, self._rules, self._until, frozenset({self._change.reason}))
        return [fate for fate in found if self._start <= fate.started_at < self._end]

    def _rules(self, position: int) -> Rulebook:
        rules = self._as_of.at(position)
        if id(rules) not in self._tried:
            self._tried[id(rules)] = self._change.of(rules)
        return self._tried[id(rules)]


@dataclass(frozen=True)
class Totals:
    """`not_made` are promises that would not be made, `besides` those that are made only then."""

    cases: int = 0
    promises: int = 0
    move: int = 0
    would_breach: int = 0
    would_be_saved: int = 0
    not_made: int = 0
    besides: int = 0

    def and_of(self, found: Sequence[Fate]) -> Totals:
        return replace(
            self,
            cases=self.cases + 1,
            promises=self.promises + sum(fate.made for fate in found),
            move=self.move + sum(fate.moves for fate in found),
            would_breach=self.would_breach + sum(fate.is_broken for fate in found),
            would_be_saved=self.would_be_saved + sum(fate.is_saved for fate in found),
            not_made=self.not_made + sum(not fate.would_be_made for fate in found),
            besides=self.besides + sum(not fate.made for fate in found),
        )

    def __str__(self) -> str:
        told = (
            f"{self.promises:,} promises of {self.cases:,} cases: {self.move:,} move,"
            f" {self.would_breach:,} would breach, {self.would_be_saved:,} would be saved"
        )
        if self.not_made:
            told += f", {self.not_made:,} would not be made"
        if self.besides:
            told += f", {self.besides:,} would be made besides"
        return told
