"""A history as it is told at a terminal: who recorded what, in which role, for which purpose."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from rich.padding import Padding
from rich.text import Text

from infra.cli.showing import console, text
from infra.cli.unsealing import ERASED, SEALED
from projections.history import TAKE_OUT
from queries.before_and_after import MASKED, Change, before_and_after

if TYPE_CHECKING:
    from queries.history_as_of import Fact

Texts = Mapping[tuple[int, str], str]
LONGEST = 48


def print_facts(
    customer: UUID,
    facts: list[Fact],
    texts: Texts | None = None,
    erased_at: datetime | None = None,
) -> None:
    """`texts`: what was opened, by position and path."""
    console.print(f"history of {customer}")
    if erased_at is not None:
        console.print(f"personal data: {ERASED} {text(erased_at)}")
    stood: dict[tuple[UUID, str], str] = {}
    for fact, changes in before_and_after(facts):
        console.print(
            f"{text(fact.at)}  {fact.type}  by {text(fact.actor)} as {fact.role}"
            f" for {fact.purpose}, recorded {text(fact.recorded_at)}"
        )
        shown = list(_changes(fact, changes, texts or {}, stood))
        told = {change.field for change in changes}
        if erased_at is not None and fact.sealed is None and TAKE_OUT.get(fact.type):
            shown.append(f"personal values: {ERASED}")
        if says := ", ".join(_says(fact, texts or {}, told)):
            shown.append(says)
        for line in shown:
            console.print(Padding(Text(text(line)), (0, 0, 0, 4), expand=False))


def _changes(
    fact: Fact, changes: list[Change], texts: Texts, stood: dict[tuple[UUID, str], str]
) -> Iterator[str]:
    """What each changed field was before, and what it is now."""
    for field, before, after in changes:
        place = fact.stream, field
        if before == MASKED:
            before = stood.get(place, SEALED)
        if after == MASKED:
            after = stood[place] = texts.get((fact.position, field), SEALED)
        was = "" if before is None else f"{before} -> "
        yield f"{field}: {was}{'(none)' if after is None else after}"


def _says(fact: Fact, texts: Texts, told: set[str]) -> Iterator[str]:
    for name, value in fact.facts.items():
        if value not in (None, [], {}) and name not in told:
            yield f"{name}={_short(value)}"
    for path in fact.sealed or ():
        if path not in told:
            yield f"{path}={texts.get((fact.position, path), SEALED)}"


def _short(value: Any) -> str:
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return words if len(words) <= LONGEST else words[: LONGEST - 3] + "..."
