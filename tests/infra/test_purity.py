"""Outside infra nothing draws a number, reads a clock or asks where it runs.

The import rules cannot see it: `datetime` and `uuid` are also where plain values come from.
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORLD = {"now", "utcnow", "today", "uuid1", "uuid4", "uuid7", "urandom", "getenv", "environ"}
MODULES = sorted(
    path.relative_to(ROOT)
    for package in ("domain", "commands", "projections", "queries")
    for path in (ROOT / package).rglob("*.py")
)


def asked(source: str) -> set[str]:
    """Names from WORLD that are called or imported; a parameter named `now` is not the clock."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(id=name)):
                found |= {name}
            case ast.ImportFrom(names=names):
                found |= {alias.name for alias in names}
    return found & WORLD


def test_the_four_packages_ask_nothing_of_the_world() -> None:
    assert len(MODULES) > 20
    asking = {str(module): asked((ROOT / module).read_text()) for module in MODULES}
    assert {module: names for module, names in asking.items() if names} == {}


def test_a_look_at_the_clock_would_be_seen() -> None:
    assert asked("at = datetime.now(UTC)\nfrom uuid import uuid4\nread(now=now)") == {
        "now",
        "uuid4",
    }
