"""A comparison: rows of a reference file against the same rows as our projections have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from infra.verify_data.reference import Answers

SHOWN = 5
Ours = Callable[[tuple[str, ...]], Mapping[str, Any] | None]


@dataclass
class Comparison:
    """Which rows differ, and in what: key, column, ours, theirs.

    `remarks` tell what of the file was not compared; `problem` why nothing of it could be.
    """

    name: str
    rows: int = 0
    differing: int = 0
    examples: list[tuple[str, str, str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    problem: str | None = None

    @property
    def failed(self) -> bool:
        """Something differs, or nothing was compared: that is never a success."""
        return bool(self.differing or self.problem or not self.rows)

    def lines(self) -> Iterator[str]:
        if self.problem:
            yield f"{self.name}: nothing was compared, {self.problem}"
        else:
            equal = self.rows - self.differing
            yield f"{self.name}: {equal:,} of {self.rows:,} equal"
        for remark in self.remarks:
            yield f"  {remark}"
        for key, column, ours, theirs in self.examples:
            yield f"  {key}: {column} is {ours}, the reference says {theirs}"


def compare(
    name: str,
    answers: Answers,
    key: Sequence[str],
    ours: Ours,
) -> Comparison:
    """Every column of the reference that we have an answer to; a row we lack differs."""
    if (fault := unanswerable(answers, key)) is not None:
        return Comparison(name, problem=fault)
    result = Comparison(name)
    asked = set(answers.columns) - set(key)
    answered: set[str] = set()
    for row in answers.rows:
        result.rows += 1
        found = ours(tuple(row[column] for column in key))
        shown = " ".join(row[column] for column in key)
        if found is None:
            differences = [(shown, "the row", "missing", "it is there")]
        else:
            answered |= found.keys()
            differences = [
                (shown, column, as_text(found[column]), row[column])
                for column in answers.columns
                if column in asked and column in found and not same(found[column], row[column])
            ]
        if differences:
            result.differing += 1
            result.examples += differences[: SHOWN - len(result.examples)]
    result.remarks += columns_apart(answers, asked, answered - set(key))
    if not result.differing and not asked & answered:
        result.problem = "no column of it is one we answer"
    return result


def unanswerable(answers: Answers, key: Sequence[str]) -> str | None:
    """Why nothing of a file can be compared, if so."""
    if answers.problem is not None:
        return answers.problem
    if missing := [column for column in key if column not in answers.columns]:
        return f"{answers.file} lacks the column {', '.join(missing)}"
    return None if answers.rows else f"{answers.file} has no rows"


def columns_apart(answers: Answers, asked: set[str], answered: set[str]) -> list[str]:
    remarks = []
    if unknown := [column for column in answers.columns if column in asked - answered]:
        remarks.append(f"columns not compared, not answered here: {', '.join(unknown)}")
    if answered and (missing := sorted(answered - asked)):
        remarks.append(f"columns missing in {answers.file}: {', '.join(missing)}")
    return remarks


def compare_measures(name: str, answers: Answers, ours: Mapping[str, int]) -> Comparison:
    """A file of measures and values; what we do not measure is named, not counted."""
    if (fault := unanswerable(answers, ("measure", "value"))) is not None:
        return Comparison(name, problem=fault)
    known = [row for row in answers.rows if row["measure"] in ours]
    unknown = [row["measure"] for row in answers.rows if row["measure"] not in ours]
    result = compare(
        name,
        answers._replace(rows=known),
        ("measure",),
        lambda key: {"value": ours[key[0]]},
    )
    if unknown:
        result.remarks.append(f"measures not compared, not answered here: {', '.join(unknown)}")
    return result


def same(ours: Any, theirs: str) -> bool:
    """Numbers by value and truth by word, however they are written; the rest to the letter."""
    if isinstance(ours, bool):
        return as_text(ours) == theirs.lower()
    if isinstance(ours, Decimal | int):
        try:
            return Decimal(ours) == Decimal(theirs)
        except InvalidOperation:
            return False
    return as_text(ours) == theirs


def as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
