"""Records cases: decides each like any other request and appends many in one transaction.

One append per case, all its facts or none; a refused case costs none of its neighbours. Streams of
cases stay open: what an outside system closed it may reopen, and a later file will say so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

from commands.command import Append, Desk, Guard, History, Write
from domain.customer.customer import register
from domain.outside import outside_id
from domain.refusal import Conflict, CustomerErased, Refused
from infra.dispatch import Caller, refusal_of
from infra.imports.case import Case, Source, Standing
from infra.imports.known import histories
from infra.imports.persons import Found, People
from infra.imports.problem import RowProblem
from infra.imports.reading import Row
from infra.product import Product
from infra.record.batch import Answer, Outcome, Submission
from infra.record.group import append_through_races
from infra.vault.sealing import Decided, Provenance

ATTEMPTS = 5
Refuse = Callable[[Sequence[Row], Refused | RowProblem], None]


class Batch(NamedTuple):
    """Cases with something to record, what was decided about each, and that sealed."""

    cases: Sequence[Case]
    decided: Sequence[Decided]
    submissions: Sequence[Submission]


class Recorder:
    """Counts what became of the cases. `refuse` is told of those that were not recorded."""

    def __init__(
        self, product: Product, source: Source, run: UUID, caller: Caller, refuse: Refuse
    ) -> None:
        self._product = product
        self._source = source
        self._caller = caller
        self._refuse = refuse
        self._provenance = Provenance(
            actor=caller.actor, role=caller.role, purpose=source.purpose, correlation=run
        )
        self.people = People(
            product,
            source.name,
            self._provenance._replace(purpose="dpv:CustomerRelationshipManagement"),
        )
        self.recorded = self.extended = self.unchanged = self.events = self.newcomers = 0

    def prepare(self, cases: Sequence[Case]) -> Batch:
        """Decides and seals. What is refused or holds nothing new drops out."""
        desk = self._product.dispatcher.desk(self._caller)
        known = histories(self._product.record, [case.stream for case in cases])
        people = self.people.standings(desk, cases, set(known))
        decided: list[tuple[Case, Decided]] = []
        for case in cases:
            try:
                append = self._append(desk, case, known.get(case.stream), people)
            except (Refused, RowProblem) as fault:
                self._refuse(case.rows, fault)
                continue
            if append is None:
                self.unchanged += 1
                continue
            expected = append.writes[-1].expected
            command_id = outside_id("import", self._source.name, f"{case.number}:{expected}")
            decided.append((case, Decided(command_id, None, self._provenance, append)))
        return self._sealed(decided)

    def append(self, batch: Batch) -> list[Answer]:
        """The only part that may run in another thread."""
        if not batch.submissions:
            return []
        return append_through_races(self._product.record, batch.submissions)

    def settle(self, batch: Batch, answers: Sequence[Answer]) -> list[Case]:
        """Counts and refuses by the answers; gives back the cases to be decided again."""
        again = []
        for case, decided, submission, answer in zip(*batch, answers, strict=True):
            if answer.outcome is Outcome.RECORDED:
                self.events += len(submission.entries)
                self.newcomers += len(decided.append.writes) - 1
                if decided.append.writes[-1].expected:
                    self.extended += 1
                else:
                    self.recorded += 1
            elif answer.outcome is Outcome.VERSION_CONFLICT:
                self._product.dispatcher.sealer.forget(decided)
                again.append(case)
            else:
                self._refuse(case.rows, refusal_of(answer, decided.append, decided.command_id))
        return again

    def repeat(self, cases: Sequence[Case]) -> None:
        """Somebody else was faster: decides again on what is on record now."""
        for _ in range(ATTEMPTS):
            if not cases:
                return
            batch = self.prepare(cases)
            cases = self.settle(batch, self.append(batch))
        for case in cases:
            self._refuse(case.rows, Conflict(stream=str(case.stream), expected=None, actual=None))

    def _append(
        self, desk: Desk, case: Case, history: History | None, people: Found
    ) -> Append | None:
        standing = people.get(case.person.external_id or "")
        if isinstance(standing, CustomerErased):
            raise standing
        newcomer: Sequence[Write] = ()
        if standing is None and history is not None:
            standing = Standing(history.subject, None, history.market)
        elif standing is None:
            standing, newcomer = _newcomer(desk, case)
        verdict = case.decide(standing, history)
        for row, fault in verdict.refused:
            self._refuse([row], fault)
        if not verdict.facts:
            return None
        if history is None:
            write = desk.begin(
                case.kind,
                case.stream,
                standing.customer,
                verdict.facts,
                market=standing.market,
                source_refs=verdict.refs,
            )
        else:
            write = desk.change(
                history,
                verdict.facts,
                source_refs=verdict.refs,
            )
        guards = [] if newcomer else [Guard(stream=write.subject, status="open")]
        return Append(
            writes=[*newcomer, write],
            guards=guards,
            ids={case.kind: case.stream, "customer": write.subject},
        )

    def _sealed(self, decided: list[tuple[Case, Decided]]) -> Batch:
        """Somebody whose keys are fenced costs their own cases only."""
        while True:
            try:
                submissions = self._product.dispatcher.sealer.seal([one for _, one in decided])
            except CustomerErased as erased:
                theirs = [
                    (case, one)
                    for case, one in decided
                    if str(one.append.writes[-1].subject) == erased.parameters["customer"]
                ]
                if not theirs:
                    raise
                for case, _ in theirs:
                    self._refuse(case.rows, erased)
                decided = [pair for pair in decided if pair not in theirs]
            else:
                return Batch([c for c, _ in decided], [one for _, one in decided], submissions)


def _newcomer(desk: Desk, case: Case) -> tuple[Standing, Sequence[Write]]:
    """Somebody nobody knows: recorded together with their case, or a killed import would leave
    them behind and make them anew."""
    registered = case.person.registered
    customer = desk.new_id()
    write = desk.begin(
        "customer", customer, customer, register(registered), market=registered.market
    )
    return Standing(customer, None, registered.market), [write]
