"""Which promises tests have seen begin and come true, as a run of them wrote it down.

A line is a test that carries a clause's id, and `kept` the rows of that clause whose promise the
test saw start and come true by commands alone. `make clauses` writes it; while tests run, each such
claim is checked again, and a test that no longer keeps what is written of it fails.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import NamedTuple

from infra.csv_safe import Rows

COLUMNS = ("clause", "test", "kept")


class Evidence(NamedTuple):
    """`test` is a pytest node id."""

    clause: str
    test: str
    kept: tuple[str, ...]

    @property
    def function(self) -> str:
        return self.test.split("[")[0]


def read(text: str) -> list[Evidence]:
    return [
        Evidence(row["clause"], row["test"], tuple(row["kept"].split()))
        for row in csv.DictReader(text.splitlines())
    ]


def written(found: Iterable[Evidence]) -> str:
    """One line for each, in order: the same evidence gives the same text."""
    text = StringIO()
    rows = Rows(text)
    rows.write(COLUMNS)
    for one in sorted(set(found)):
        rows.write((one.clause, one.test, " ".join(one.kept)))
    return text.getvalue()


@cache
def shipped_evidence() -> Mapping[str, Sequence[Evidence]]:
    """By clause."""
    by_clause: dict[str, list[Evidence]] = {}
    text = files("infra.clauses").joinpath("evidence.csv").read_text("utf-8")
    for one in read(text):
        by_clause.setdefault(one.clause, []).append(one)
    return by_clause
