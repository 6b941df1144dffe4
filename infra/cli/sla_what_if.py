"""`dossier sla what-if`: recorded history under another version of a policy or a calendar."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from domain.what_if import Fate
    from infra.product import Product
    from infra.trying import Change, Totals

VERSION = re.compile(r"[a-z][a-z0-9_-]{0,49}@[1-9]\d{0,5}")
EVER = datetime(1, 1, 3, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC)
Market = Annotated[str | None, typer.Option(help="Only cases of this market, as in DE.")]


def what_if(
    policy: Annotated[
        str | None, typer.Option(help="A policy file (.toml), or name@version as published.")
    ] = None,
    calendar: Annotated[str | None, typer.Option(help="name@version as published.")] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="Promises that began from then on.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", help="Promises that began before then.")
    ] = None,
    market: Market = None,
    limit: Annotated[int, typer.Option(min=0, max=100_000, help="Show at most so many.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Which promises would move, breach or be saved, had another version been in force from ever.
    Writes nothing."""
    from infra.cli.opened import moment, opened
    from infra.cli.showing import progress
    from infra.product import now
    from infra.trying import Totals, Trial

    one_of("--policy", policy, "--calendar", calendar)
    began, before = moment("--from", start) or EVER[0], moment("--to", end) or EVER[1]
    with opened() as running:
        change = _change(running, policy, calendar)
        trial = Trial(running, change, began, before, now(), market)
        totals, rows = Totals(), list["Fate"]()
        with progress("what if", every=2) as tell:
            for done, found in enumerate(trial.fates(), 1):
                totals = totals.and_of(found)
                rows += [fate for fate in found if fate.changes][: limit - len(rows)]
                tell(done, len(trial.cases), f"{totals.move:,} move")
    _print(change.name, totals, rows, json)


def one_of(first: str, one: str | None, second: str, other: str | None) -> None:
    """Raises InvalidRequest unless exactly one of two options is given."""
    from infra.cli.problem import wrong

    if one is None and other is None:
        raise wrong(first, "missing")
    if one is not None and other is not None:
        raise wrong(second, "one_too_many")


def version_named(name: str, text: str) -> str:
    """Raises InvalidRequest for what is no name@version."""
    from infra.cli.problem import wrong

    if VERSION.fullmatch(text) is None:
        raise wrong(name, "string_pattern_mismatch", pattern="name@version")
    return text


def _change(running: Product, policy: str | None, calendar: str | None) -> Change:
    from infra.trying import calendar_change, file_change, policy_change

    if calendar is not None:
        return calendar_change(running, version_named("--calendar", calendar))
    assert policy is not None, "one of the two is given"
    if policy.endswith(".toml"):
        return file_change(Path(policy))
    return policy_change(running.rules, version_named("--policy", policy))


def _print(name: str, totals: Totals, rows: list[Fate], as_json: bool) -> None:
    from dataclasses import asdict

    import orjson

    from infra.cli.showing import console, table

    if as_json:
        said = {**asdict(totals), "rows": [_row(fate) for fate in rows]}
        console.print(orjson.dumps(said).decode(), soft_wrap=True)
        return
    console.print(f"under {name}: {totals}", soft_wrap=True)
    if rows:
        table(
            f"first {len(rows)}",
            ("case", "promise", "clause", "due", "would be due", ""),
            [(f.case, f.metric, f.clause, f.due_at, f.would_be_due_at, _verdict(f)) for f in rows],
        )


def _verdict(fate: Fate) -> str:
    if not fate.made:
        return "would be made, and breached" if fate.would_breach else "would be made"
    if not fate.would_be_made:
        return "would not be made"
    if fate.is_broken:
        return "would breach"
    return "would be saved" if fate.is_saved else "moves"


def _row(fate: Fate) -> dict[str, object]:
    return {**vars(fate), "moves": fate.moves, "verdict": _verdict(fate)}
