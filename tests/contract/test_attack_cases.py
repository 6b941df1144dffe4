"""The table of attack cases in docs/privacy.md is what the tests' markers say.

`python -m tests.contract.test_attack_cases` writes it anew.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "privacy.md"
BEGIN, END = "<!-- cases -->", "<!-- end of cases -->"
OURS = re.compile(r"(KY|PL|AC)-\d\d|CP-(0[1-7]|1[34])")
OPEN = {
    "AC-23": "there are no webhooks yet",
    "AC-24": "there are no webhooks yet",
    "PL-12": "no export is stored yet",
    "PL-14": "there are no metrics and traces yet",
}
"""Cases whose door is not there yet."""
LONG = {"PL-10": ["tests/torture/existence_oracle.py"]}
"""Carried by what `make torture` runs."""


def marked() -> dict[str, list[str]]:
    """The tests that carry a case, by its id."""
    found: dict[str, set[str]] = defaultdict(set)
    for case, places in LONG.items():
        found[case].update(place for place in places if (ROOT / place).is_file())
    for path in sorted((ROOT / "tests").rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for case in _cases(node):
                found[case].add(place)
    return {case: sorted(places) for case, places in sorted(found.items())}


def _cases(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="mark"), attr="case")):
            for argument in node.args:
                if isinstance(argument, ast.Constant):
                    yield str(argument.value)


def table() -> str:
    rows = [
        f"| {case} | {', '.join(f'`{place}`' for place in places)} |"
        for case, places in marked().items()
        if OURS.fullmatch(case)
    ]
    rows += [f"| {case} | open: {why} |" for case, why in sorted(still_open().items())]
    return "\n".join((BEGIN, "| case | carried by |", "|---|---|", *sorted(rows), END))


def still_open() -> dict[str, str]:
    known = marked()
    return {case: why for case, why in OPEN.items() if case not in known}


def written(text: str) -> str:
    return text[text.index(BEGIN) : text.index(END) + len(END)]


def test_the_table_is_what_the_tests_say() -> None:
    assert written(DOCUMENT.read_text("utf-8")) == table()


def test_no_case_is_both_carried_and_open() -> None:
    assert set(OPEN) - set(still_open()) == set()


def test_a_case_has_the_form_of_one() -> None:
    assert [case for case in marked() if not re.fullmatch(r"[A-Z]{2}-\d\d", case)] == []


if __name__ == "__main__":
    document = DOCUMENT.read_text("utf-8")
    DOCUMENT.write_text(document.replace(written(document), table()), "utf-8")
