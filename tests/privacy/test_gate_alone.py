"""One module opens sealed values. The import rules see imports; this sees the other ways, too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "commands", "projections", "queries", "infra", "tools")
SOURCES = sorted(
    path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py")
)
GATE = "infra/gate/opening.py"
VAULT = "infra/vault/"
TRANSIT = "infra/vault/providers/transit.py"
"""`decrypt` is part of an address of the service that keeps the key-encryption key there."""
UNSEALING = "infra.vault.unsealing"
DYNAMIC = {"import_module", "__import__", "eval", "exec", "run_module", "run_path"}


def ways_in(source: str) -> Iterator[str]:
    """What in a module could open a sealed value: unsealing imported, keys fetched, a cipher used,
    or code that is only known when it runs."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from ("unsealing" for a in names if a.name.startswith(UNSEALING))
            case ast.ImportFrom(module=module, names=names):
                whole = {f"{'' if module is None else module}.{alias.name}" for alias in names}
                if any(name.strip(".").startswith(("vault.unsealing", UNSEALING, "unsealing"))
                       for name in whole):  # fmt: skip
                    yield "unsealing"
                yield from ("dynamic" for alias in names if alias.name in DYNAMIC)
            case ast.Attribute(attr="decrypt" | "decrypt_into" | "decryptor"):
                yield "decrypt"
            case ast.Attribute(attr="for_opening"):
                yield "keys"
            case ast.Attribute(attr=name) | ast.Name(id=name) if name in DYNAMIC:
                yield "dynamic"
            case ast.Constant(value=str(text)) if "unsealing" in text.split("."):
                yield "named"
            case ast.Constant(value="for_opening" | "decrypt" | "unseal"):
                yield "named"


def allowed(path: str) -> set[str]:
    if path == GATE:
        return {"unsealing", "keys"}
    if path == TRANSIT:
        return {"named"}
    if path.startswith(VAULT):
        return {"decrypt", "keys"}
    return set()


@pytest.mark.clause("CB-14.1c")
def test_only_the_gate_opens_sealed_values() -> None:
    assert len(SOURCES) > 200
    found = {str(path): set(ways_in((ROOT / path).read_text("utf-8"))) for path in SOURCES}
    strange = {path: ways - allowed(path) for path, ways in found.items()}
    assert {path: ways for path, ways in strange.items() if ways} == {}
    assert found[GATE] == {"unsealing", "keys"}


@pytest.mark.parametrize(
    ("source", "way"),
    [
        ("import infra.vault.unsealing", "unsealing"),
        ("import infra.vault.unsealing as harmless", "unsealing"),
        ("from infra.vault.unsealing import unseal", "unsealing"),
        ("from infra.vault import unsealing as u", "unsealing"),
        ("from .unsealing import unseal", "unsealing"),
        ("from . import unsealing", "unsealing"),
        ("from ..vault.unsealing import unseal", "unsealing"),
        ("import importlib\nimportlib.import_module('infra.vault.' + name)", "dynamic"),
        ("from importlib import import_module as load", "dynamic"),
        ("load = __import__", "dynamic"),
        ("eval(text)", "dynamic"),
        ("sys.modules['infra.vault.unsealing']", "named"),
        ("getattr(keyring, 'for_opening')", "named"),
        ("keys = product.keyring.for_opening(all_of_them)", "keys"),
        ("AESGCM(key).decrypt(nonce, sealed, None)", "decrypt"),
        ("def f():\n    if True:\n        from infra.vault.unsealing import unseal", "unsealing"),
    ],
)
def test_every_way_in_would_be_seen(source: str, way: str) -> None:
    assert way in set(ways_in(source))
