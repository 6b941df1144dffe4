"""`dossier clauses`: what of each clause of the regulations is in the product, and what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from infra.clauses.chain import Chain, Fact, Row


def add_to(app: typer.Typer) -> None:
    app.command("clauses")(show_clauses)


def show_clauses(
    clause: Annotated[str | None, typer.Argument(help="One clause, as in CB-10.1b.")] = None,
    left_open: Annotated[
        bool, typer.Option("--open", help="Only what nothing carries as a whole.")
    ] = False,
    kind: Annotated[str | None, typer.Option(help="deadline, cadence, guard, ...")] = None,
    source: Annotated[
        str | None, typer.Option(help="CB, EC, EC-X, OS or RR; or one of RR, as in RR-A.")
    ] = None,
) -> None:
    """The clauses of the regulations and what carries them. Alone: how many, by regulation and
    kind. A deadline or cadence counts as carried only if tests with its id have seen each of its
    promises begin and come true by commands."""
    from infra.clauses.chain import chain, chains
    from infra.clauses.clause import SOURCES, clauses
    from infra.clauses.markers import tests_are_here
    from infra.cli.problem import wrong
    from infra.cli.showing import console

    known = clauses()
    if clause is not None:
        if left_open or kind is not None or source is not None:
            raise wrong("--open, --kind, --source", "one_too_many")
        if clause.upper() not in (by_name := {id.upper(): one for id, one in known.items()}):
            raise wrong("CLAUSE", "invalid")
        print_chain(chain(by_name[clause.upper()]))
        return
    if kind is not None and kind not in {one.kind for one in known.values()}:
        raise wrong("--kind", "invalid")
    parts = {one.id.rsplit("-", 1)[0] for one in known.values()} | set(SOURCES)
    if source is not None and source.upper() not in {part.upper() for part in parts}:
        raise wrong("--source", "invalid")
    if not tests_are_here():
        console.print("The tests are not installed here: what only they carry is not told.")
    found = [
        one
        for one in chains()
        if (kind is None or one.clause.kind == kind)
        and (source is None or stands_in(one, source.upper()))
        and (not left_open or one.is_open)
    ]
    if left_open or kind is not None or source is not None:
        print_list(found)
    print_counts(found)


def stands_in(one: Chain, source: str) -> bool:
    return one.clause.regulation == source or one.clause.id.upper().startswith(f"{source}-")


def print_list(found: Sequence[Chain]) -> None:
    from infra.cli.showing import table

    table(
        "clauses",
        ("clause", "kind", "state", "rows", "tests", "heading"),
        [
            (c.clause.id, c.clause.kind, c.state, len(c.rows), len(c.tests), c.clause.zh)
            for c in found
        ],
    )


def print_counts(found: Iterable[Chain]) -> None:
    from collections import Counter

    from infra.clauses.chain import State
    from infra.cli.showing import table

    groups: dict[tuple[str, str], Counter[str]] = {}
    total: Counter[str] = Counter()
    for one in found:
        at = groups.setdefault((one.clause.regulation, one.clause.kind), Counter())
        for counted in ("all", one.state, *(["timed"] if one.clause.is_timed else ())):
            at[counted] += 1
            total[counted] += 1
    states = list(State)
    rows = [
        (regulation, kind, at["all"], *(at[state] or None for state in states))
        for (regulation, kind), at in groups.items()
    ]
    if len(rows) > 1:
        rows.append(("", "all", total["all"], *(total[state] or None for state in states)))
    table("clauses by regulation and kind", ("", "kind", "clauses", *states), rows)
    if total["timed"]:
        from infra.cli.showing import console

        console.print(
            f"{total[State.CARRIED]} of {total['timed']} deadlines and cadences are carried"
        )


def print_chain(one: Chain) -> None:
    from infra.cli.showing import console, text

    def line(depth: int, words: str) -> None:
        console.print("  " * depth + text(words))

    clause = one.clause
    line(0, f"{clause.id}  {clause.zh}  ({clause.kind}, {one.state})")
    line(1, f"source: {clause.source}")
    line(1, clause.statement)
    for row in one.rows:
        for depth, words in row_lines(row):
            line(depth, words)
    for code in one.refusals:
        line(1, f"refused as: {code}")
    for test in one.tests:
        line(1, f"test: {test}")
    if not (one.rows or one.refusals or one.tests):
        line(1, "nothing in the product carries it")


def row_lines(row: Row) -> Iterable[tuple[int, str]]:
    """Depth and words."""
    from domain.policy.deadline import DeadlineRule

    rule = row.rule
    number = rule.target if isinstance(rule, DeadlineRule) else rule.every
    length = "no number yet" if number is None else str(number)
    ours = ", a proposal of ours" if rule.proposal else ""
    asleep = "" if rule.pack.active else ", not turned on"
    yield 1, f"row {rule.id} of {rule.pack.name}{asleep}: {length}{ours}"
    yield 2, rule.says
    yield 2, rule.zh
    if rule.reading is not None:
        yield 2, f"reading: {rule.reading}"
    if rule.inactive is not None:
        yield 2, f"cannot run yet: {rule.inactive}"
    for what, facts in (("begins with", row.begins), ("fulfilled by", row.fulfils)):
        for fact in facts:
            yield 2, f"{what} {fact_words(fact)}"
    if row.promises_in:
        yield 2, f"what is promised is found in {', '.join(row.promises_in)}"
    for kept in row.kept_by:
        yield 2, f"seen to begin and come true: {kept.test}"


def fact_words(fact: Fact) -> str:
    if fact.kind is None:
        return f"{fact.name} (not on record yet)"
    read = ", ".join(fact.projections) or "history alone"
    return f"{fact.name} ({fact.kind}; read by {read})"
