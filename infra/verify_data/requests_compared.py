"""The requests of a city, imported under its own rules and compared with its answers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from domain.refusal import Refused
from infra.home import Home
from infra.imports.problem import ImportProblem
from infra.imports.run import import_from
from infra.problem import problem_of
from infra.product import Product, product
from infra.projector import catch_up
from infra.verify_data.city import YEARS, Rules, Year, files_of, publish, rules_of
from infra.verify_data.comparison import Comparison, compare
from infra.verify_data.promises import (
    Promises,
    Share,
    crosstab,
    due_times,
    kept_promises,
    verdicts,
    wall,
)
from infra.verify_data.publishing import PublishedOn
from infra.verify_data.reference import Reference
from infra.verify_data.requests import Answer, answers_in, source_of
from infra.verify_data.telling import Tell, not_imported, progress, told

BEFORE = date(2000, 1, 1)
"""A day on which no request had been made."""
Told = Comparison | Share


def compared(data: Path, reference: Reference, tell: Tell) -> Iterator[Told]:
    """Every year of which there are files and rules. What cannot be imported or published fails."""
    known = [(year, files_of(year, data), rules_of(year, reference)) for year in YEARS]
    years = []
    for year, files, rules in known:
        if files and rules is not None:
            if rules.problem is None:
                years.append((year, files, rules))
            else:
                yield Comparison(_name(year), problem=rules.problem)
    if not years:
        return
    with (
        tempfile.TemporaryDirectory(prefix="dossier-verify-") as folder,
        product(Home.at(Path(folder))) as running,
    ):
        PublishedOn(running, BEFORE).without_what_ships()
        answers: dict[str, dict[str, Answer]] = {}
        for year, files, rules in years:
            if (fault := _refused(running, year, rules)) is not None:
                yield Comparison(_name(year), problem=fault)
                continue
            answers[year.name] = {}
            for path in files:
                try:
                    _imported(running, year, path, tell)
                except ImportProblem as problem:
                    yield Comparison(_name(year), problem=not_imported(path, problem))
                else:
                    _note(answers[year.name], answers_in(path, year.layout))
        catch_up(running.addresses.database_url)
        kept = kept_promises(running)
        for year, _, rules in years:
            if found := answers.get(year.name):
                yield from _shares(year, found, kept, rules, reference)


def _name(year: Year) -> str:
    return f"boston {year.name}"


def _imported(running: Product, year: Year, path: Path, tell: Tell) -> None:
    report = import_from(running, source_of(year.layout), path, progress(path, tell))
    tell(told(report))
    for what, cases in sorted(report.notes.items()):
        tell(f"  {cases:,} {what}")


def _note(known: dict[str, Answer], found: Iterable[Answer]) -> None:
    """What is told twice of a case counts once, as it was first told or was closed."""
    for answer in found:
        before = known.get(answer.number)
        if before is None or (answer.closed and not before.closed):
            known[answer.number] = answer


def _refused(running: Product, year: Year, rules: Rules) -> str | None:
    """Publishes the rules; why that was refused, if so."""
    try:
        publish(year, rules, PublishedOn(running, year.since))
    except Refused as refusal:
        problem = problem_of(refusal)
        return problem.line("en") if problem else refusal.code
    return None


def _shares(
    year: Year, theirs: Mapping[str, Answer], kept: Promises, rules: Rules, reference: Reference
) -> Iterator[Told]:
    name, answers = _name(year), list(theirs.values())
    due = due_times(name, year.least, answers, kept, rules.targets)
    due.remarks += rules.remarks
    yield due
    yield from verdicts(name, answers, kept, rules.targets)

    def ours(key: tuple[str, ...]) -> Mapping[str, Any] | None:
        answer, promise = theirs.get(key[0]), kept.get(key[0])
        if answer is None or promise is None:
            return None
        return {
            "type": answer.type,
            "open_dt": wall(promise.began_at),
            "published_target": wall(answer.target),
            "target_by_rule": wall(promise.due_at),
            "published_ontime": answer.verdict,
            "closed_dt": wall(promise.done_at),
        }

    for targets in reference.like(year.targets):
        expected = reference.answers(targets)
        assert expected is not None, "it is one of its names"
        yield compare(f"{name} targets", expected, ("case_enquiry_id",), ours)
    counts = crosstab(answers, kept)
    for tables in reference.like(year.crosstab):
        expected = reference.answers(tables)
        assert expected is not None, "it is one of its names"
        yield compare(
            f"{name} verdicts counted",
            expected,
            ("by_rule", "ontime", "case_status"),
            lambda key: {"cases": counts[key[0], key[1], key[2]]},
        )
