"""A comparison: rows of a reference file against the same rows as our projections have them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

Rows = Sequence[Mapping[str, str]]
SHOWN = 5


@dataclass
class Comparison:
    """Which rows differ, and in what: key, column, ours, theirs."""

    name: str
    rows: int = 0
    differing: int = 0
    examples: list[tuple[str, str, str, str]] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        equal = self.rows - self.differing
        yield f"{self.name}: {equal:,} of {self.rows:,} equal"
        for key, column, ours, theirs in self.examples:
            yield f"  {key}: {column} is {ours}, the reference says {theirs}"


def answers(path: Path) -> Rows | None:
    """The rows of a reference file, or None if there is none."""
    if not path.exists():
        return None
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def compare(
    name: str,
    reference: Rows,
    key: Sequence[str],
    ours: Callable[[tuple[str, ...]], Mapping[str, Any] | None],
) -> Comparison:
    """Every column of the reference that we have an answer to; a row we lack differs."""
    result = Comparison(name)
    for row in reference:
        result.rows += 1
        found = ours(tuple(row[column] for column in key))
        shown = " ".join(row[column] for column in key)
        if found is None:
            differences = [(shown, "the row", "missing", "it is there")]
        else:
            differences = [
                (shown, column, as_text(found[column]), theirs)
                for column, theirs in row.items()
                if column in found and not same(found[column], theirs)
            ]
        if differences:
            result.differing += 1
            result.examples += differences[: SHOWN - len(result.examples)]
    return result


def same(ours: Any, theirs: str) -> bool:
    if isinstance(ours, Decimal):
        try:
            return ours == Decimal(theirs)
        except InvalidOperation:
            return False
    return as_text(ours) == theirs


def as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
