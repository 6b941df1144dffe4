"""From a clause to what carries it: rows, the facts they rest on, read models, refusals, tests.

Everything is looked up in the code as it is: the shipped rows, the catalogue of events, the
projections, the classes of refusals, the marks of the tests and the evidence of their last run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from commands.catalogue import HANDLERS
from domain.catalogue import FACTS
from domain.policy.cadence import CadenceRule, read_cadences
from domain.policy.deadline import DeadlineRule
from domain.policy.reading import read_pack
from domain.refusal import Refused
from infra.clauses.clause import OUT_OF_SCOPE, Clause, clauses
from infra.clauses.evidence import Evidence, shipped_evidence
from infra.clauses.markers import marked_tests
from infra.policies import DORMANT, DRAFTS, PACKS, policy_document
from projections.catalogue import PROJECTIONS

PROMISED, PERIOD, DONE = "SlaTimersStarted", "DutyPeriodOpened", "DutyPerformed"


class State(StrEnum):
    """`carried`: tests with its id saw each of its rows start and come true by commands alone.
    `in_part`: some of its rows. `waiting`: none of its rows can run yet, and each says why.
    `tested`: it is no matter of time and has no row; tests carry its id. `open`: none of these."""

    CARRIED = "carried"
    IN_PART = "in part"
    TESTED = "tested"
    WAITING = "waiting"
    OPEN = "open"
    OUT_OF_SCOPE = "out of scope"


class Fact(NamedTuple):
    """`kind`: of the streams it stands in; None: it is foreseen and not recorded yet.
    `projections`: whatever listens to it; those that listen to everything apart."""

    name: str
    kind: str | None
    projections: Sequence[str]


class Row(NamedTuple):
    """`promises_in`: the projections in which what is promised under it is found."""

    rule: DeadlineRule | CadenceRule
    promises_in: Sequence[str]
    begins: Sequence[Fact]
    fulfils: Sequence[Fact]
    kept_by: Sequence[Evidence]


class Chain(NamedTuple):
    clause: Clause
    rows: Sequence[Row]
    refusals: Sequence[str]
    tests: Sequence[str]

    @property
    def state(self) -> State:
        if self.clause.kind == OUT_OF_SCOPE:
            return State.OUT_OF_SCOPE
        if not self.rows:
            tested = self.tests and not self.clause.is_timed
            return State.TESTED if tested else State.OPEN
        carried = [bool(row.kept_by) for row in self.rows]
        if all(carried):
            return State.CARRIED
        if any(carried):
            return State.IN_PART
        waits = all(row.rule.inactive is not None for row in self.rows)
        return State.WAITING if waits else State.OPEN

    @property
    def is_open(self) -> bool:
        return self.state in (State.OPEN, State.WAITING, State.IN_PART)


def chain(clause: Clause) -> Chain:
    evidence = shipped_evidence().get(clause.id, ())
    return Chain(
        clause=clause,
        rows=[_row(rule, evidence) for rule in rules().get(clause.id, ())],
        refusals=refusals().get(clause.id, ()),
        tests=sorted({*marked_tests().get(clause.id, ()), *(one.function for one in evidence)}),
    )


def chains() -> list[Chain]:
    return [chain(clause) for clause in clauses().values()]


@cache
def rules() -> Mapping[str, Sequence[DeadlineRule | CadenceRule]]:
    """The rows that ship, published or as a draft, by clause."""
    by_clause: dict[str, list[DeadlineRule | CadenceRule]] = {}
    for policy in (*PACKS, *DORMANT, *DRAFTS):
        document = policy_document(policy)
        rows: list[DeadlineRule | CadenceRule] = [*read_pack(document), *read_cadences(document)]
        for rule in rows:
            by_clause.setdefault(rule.clause, []).append(rule)
    return by_clause


@cache
def refusals() -> Mapping[str, Sequence[str]]:
    """The codes of what commands refuse, by the clause it rests on."""
    assert HANDLERS, "importing the handlers is what brings their refusals"
    by_clause: dict[str, set[str]] = {}
    for refusal in _below(Refused):
        if refusal.clause is not None:
            by_clause.setdefault(refusal.clause, set()).add(refusal.code)
    return {clause: sorted(codes) for clause, codes in by_clause.items()}


def _below(cls: type[Refused]) -> Iterator[type[Refused]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from _below(sub)


def _row(rule: DeadlineRule | CadenceRule, evidence: Iterable[Evidence]) -> Row:
    if isinstance(rule, DeadlineRule):
        begins, fulfils = sorted(rule.triggers), list(rule.fulfilled_by)
    else:
        begins, fulfils = [PERIOD], [DONE]
    return Row(
        rule=rule,
        promises_in=_listening(PROMISED if isinstance(rule, DeadlineRule) else PERIOD),
        begins=[_fact(name) for name in begins],
        fulfils=[_fact(name) for name in fulfils],
        kept_by=[one for one in evidence if rule.id in one.kept],
    )


def _fact(name: str) -> Fact:
    kinds = [kind for kind, facts in FACTS.items() if name in {fact.__name__ for fact in facts}]
    return Fact(
        name=name,
        kind=kinds[0] if kinds else None,
        projections=_listening(name),
    )


def _listening(event: str) -> list[str]:
    return [
        projection.name
        for projection in PROJECTIONS.values()
        if projection.on is not None and event in {listened.__name__ for listened in projection.on}
    ]
