"""Where values slip out though nobody wrote them down: columns, exceptions, comparisons."""

from __future__ import annotations

import ast
import logging
import traceback
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from commands.catalogue import HANDLERS
from commands.command import Command
from commands.fields import ProfileFields
from domain.personal import Personal
from infra.product import Product

ROOT = Path(__file__).parents[2]
SECRET = "zoe.secretperson@example.org"

CLEAR = {
    # who, in which role, by which rule: codes
    "actor", "role", "roles", "purpose", "legal_basis", "decision", "rule", "operation", "policy",
    "policies", "reason", "auth_method", "recipient", "settled_by", "on_behalf_of", "reference",
    "tells", "topic", "issued_by", "method", "teams", "markets", "what", "duty", "matter", "person",
    # what it is: closed lists
    "kind", "type", "category", "state", "status", "outcome", "at_precision", "market", "source",
    "jurisdiction", "retention_class", "name", "fields", "scopes", "error",
    # where it came from: references and digests
    "source_ref", "file_sha256", "assumptions", "commitment",
    # hashes, ciphertext, and messages of ids
    "body", "hash", "prev_hash", "body_hash", "head_hash", "fingerprint", "wrapped",
    "token", "hmac", "proof", "token_sha256", "payload", "known_answer", "key", "shown", "lookup",
}  # fmt: skip
"""Names of columns of text or bytes outside the tables for reading. A new one has to be put here,
by somebody who has seen that it holds no personal value in the open."""


@pytest.mark.case("PL-02")
def test_a_new_column_of_text_has_to_be_declared(running: Product) -> None:
    with running.record.connection() as connection:
        rows = connection.execute(
            "SELECT n.nspname || '.' || c.relname, a.attname FROM pg_attribute a"
            " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped"
            " AND n.nspname IN ('es', 'keys', 'trail', 'ref')"
            " AND format_type(a.atttypid, NULL) IN ('text', 'text[]', 'bytea', 'json', 'jsonb',"
            " 'character varying', 'character', 'xml', 'tsvector')"
        ).fetchall()
    assert len(rows) > 60
    assert sorted(f"{table}.{column}" for table, column in rows if column not in CLEAR) == []
    assert CLEAR - {column for _, column in rows} == set()


@dataclass
class Card:
    holder: Personal


class TestExceptions:
    @pytest.mark.case("PL-05")
    def test_a_personal_value_shows_itself_nowhere(self, caplog: pytest.LogCaptureFixture) -> None:
        card = Card(Personal(SECRET))
        with caplog.at_level(logging.INFO):
            logging.getLogger("test").info("%s %r %s", card, card.holder, [card.holder])
        shown = f"{card} {card!r} {card.holder} {card.holder!s:>20}" + str((card,)) + caplog.text
        assert "<pii>" in shown and SECRET not in shown

    @pytest.mark.case("PL-05")
    def test_a_traceback_with_locals_does_not_tell(self) -> None:
        holder = Personal(SECRET)
        command = ProfileFields(email=SECRET)
        try:
            raise ValueError(f"nobody is called {holder} in {command}")
        except ValueError as fault:
            told = "".join(
                traceback.TracebackException.from_exception(fault, capture_locals=True).format()
            )
        assert "holder" in told and "command" in told and SECRET not in told

    @pytest.mark.case("PL-05")
    @pytest.mark.parametrize("command", [*HANDLERS, ProfileFields], ids=lambda c: c.__name__)
    def test_what_pydantic_says_does_not_quote(self, command: type[BaseModel]) -> None:
        wrong = {name: [{"x": SECRET}] for name in command.model_fields}
        with pytest.raises(ValidationError) as refused:
            command.model_validate(wrong)
        assert SECRET not in str(refused.value)
        assert command.model_config.get("hide_input_in_errors") is True

    def test_every_command_says_so_itself(self) -> None:
        assert Command.model_config.get("hide_input_in_errors") is True


SECRETS = {"secret", "hmac", "mac", "fingerprint", "proof", "signature", "password", "commitment"}
CHAIN = ("infra/verify/", "infra/projector/builds.py")
"""Hashes that everybody may compute of what everybody may read."""


def careless(source: str) -> list[str]:
    """Comparisons with == of what an attacker could guess byte by byte."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            names = {_name(side) for side in (node.left, *node.comparators)}
            if any(SECRETS & set(name.lower().split("_")) for name in names):
                found.append(ast.unparse(node))
    return found


def _name(side: ast.expr) -> str:
    while isinstance(side, ast.Subscript | ast.Call):
        side = side.value if isinstance(side, ast.Subscript) else side.func
    if isinstance(side, ast.Attribute):
        return side.attr
    return side.id if isinstance(side, ast.Name) else ""


class TestComparing:
    @pytest.mark.case("PL-11")
    def test_secrets_are_compared_in_constant_time(self) -> None:
        files = sorted((ROOT / "infra").rglob("*.py"))
        assert len(files) > 100
        found = {
            str(path.relative_to(ROOT)): careless(path.read_text())
            for path in files
            if not str(path.relative_to(ROOT)).startswith(CHAIN)
        }
        assert {path: what for path, what in found.items() if what} == {}

    @pytest.mark.case("PL-11")
    def test_a_careless_comparison_would_be_seen(self) -> None:
        assert careless("if key.proof() == row[0]: pass\nif given != self._secret: pass") == [
            "key.proof() == row[0]",
            "given != self._secret",
        ]
        assert careless("compare_digest(proof, given)\nif name == other: pass") == []
