"""Which tests carry a clause's id, as they stand in the folder of tests beside the product. Where
only the product is installed there are none to look at."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
MARK = "mark.clause("


def tests_are_here() -> bool:
    return (ROOT / "tests" / "conftest.py").is_file()


@cache
def marked_tests() -> Mapping[str, Sequence[str]]:
    """By clause: node ids without parameters, in order. Marks on a test, on a value of its
    parameters, on its class or its file count; ids that are worked out while tests run do not."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")) if tests_are_here() else ():
        source = path.read_text("utf-8")
        if MARK in source:
            for clause, test in marks_in(ast.parse(source)):
                node = f"{path.relative_to(ROOT).as_posix()}::{test}"
                found.setdefault(clause, set()).add(node)
    return {clause: sorted(tests) for clause, tests in found.items()}


def marks_in(
    body: ast.Module | ast.ClassDef, inherited: frozenset[str] = frozenset(), within: str = ""
) -> Iterator[tuple[str, str]]:
    """Clause and test, of a file or a class."""
    for statement in body.body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "pytestmark"
            for target in statement.targets
        ):
            inherited |= set(_clauses(statement.value))
    for statement in body.body:
        if not isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        own = inherited | {id for mark in statement.decorator_list for id in _clauses(mark)}
        name = within + statement.name
        if isinstance(statement, ast.ClassDef):
            yield from marks_in(statement, own, f"{name}::")
        elif statement.name.startswith("test"):
            yield from ((clause, name) for clause in own)


def _clauses(node: ast.expr) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("mark.clause"):
            for argument in call.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value
