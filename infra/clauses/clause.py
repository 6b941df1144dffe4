"""The clauses, as counted from the regulations: `domain/clauses.csv`."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

OUT_OF_SCOPE = "out_of_scope"
SOURCES = ("CB", "EC", "EC-X", "OS", "RR")
"""What ids begin with: the regulation a clause stands in. EC-X is the expanded text of EC."""


class Clause(NamedTuple):
    """`statement` is a paraphrase; the Chinese source text prevails. `zh` is its heading.

    `limit`, of a deadline or cadence: number, vague (a word and no number), or agreed (the fact
    that starts it names the time).
    """

    id: str
    kind: str
    source: str
    limit: str
    zh: str
    statement: str

    @property
    def regulation(self) -> str:
        """Of SOURCES."""
        start, *rest = self.id.split("-")
        return "EC-X" if start == "EC" and rest[0] == "X" else start

    @property
    def is_timed(self) -> bool:
        return bool(self.limit)


@cache
def clauses() -> Mapping[str, Clause]:
    """By id, in the order of the regulations."""
    text = files("domain").joinpath("clauses.csv").read_text("utf-8")
    return {row["id"]: Clause(**row) for row in csv.DictReader(text.splitlines())}
