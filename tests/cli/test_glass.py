"""Glass that an auditor breaks at a terminal: told of, confirmed, reported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from infra.identity.tokens import Grant, issue
from tests.cli.terminal import Terminal

BREAK = ("glass", "break", "--purpose", "dpv:LegalCompliance")
WHY = ("--reason", "audit-finding", "--reference", "AUD-17")


@pytest.fixture
def token(at_terminal: Terminal, tmp_path: Path) -> tuple[str, str]:
    """The option that names the file with the token of ada, an auditor."""

    @contextmanager
    def connect() -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(at_terminal.database) as connection:
            yield connection

    file = tmp_path / "ada.token"
    file.write_text(issue(connect, Grant(actor="ada", roles=["auditor"])).token)
    return "--token-file", str(file)


@pytest.mark.case("AC-29")
def test_broken_glass_is_told_confirmed_and_reported(
    at_terminal: Terminal, token: tuple[str, str]
) -> None:
    broken = at_terminal.types(*BREAK, *WHY, *token)
    assert broken.code == 0, broken.err
    assert at_terminal.rows(
        "SELECT actor, role, purpose, reason, reference, until_at - from_at = '30 minutes', tells"
        " FROM trail.break_glass"
    ) == [("ada", "auditor", "dpv:LegalCompliance", "audit-finding", "AUD-17", True, "dpo")]
    assert "break-glass" in at_terminal.types("glass", "told").out
    assert "break-glass" not in at_terminal.types("glass", "told", "--role", "auditor").out
    assert at_terminal.types("glass", "confirm", "1").code == 0
    assert "break-glass" not in at_terminal.types("glass", "told").out
    report = at_terminal.types("glass", "report").out
    assert "ada" in report
    assert "AUD-17" in report
    assert "ada" not in at_terminal.types("glass", "report", "--until", "2026-01-01").out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((*BREAK, "--reason", "curiosity", "--reference", "AUD-17"), "glass_reason_missing"),
        ((*BREAK, "--reason", "audit-finding", "--reference", "Ann"), "glass_reason_missing"),
        (("glass", "break", "--purpose", "dpv:CustomerCare", *WHY), "glass_not_for_role"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    at_terminal: Terminal, token: tuple[str, str], words: tuple[str, ...], code: str
) -> None:
    assert at_terminal.types(*words, *token).one_line.endswith(f"[{code}]")
    assert at_terminal.rows("SELECT * FROM trail.break_glass") == []


def test_nobody_breaks_glass_without_a_token_and_no_notice_is_made_up(
    at_terminal: Terminal, tmp_path: Path
) -> None:
    absent = at_terminal.types(*BREAK, *WHY, "--token-file", str(tmp_path / "absent"))
    assert absent.one_line.endswith("[unauthenticated]")
    assert at_terminal.types("glass", "confirm", "7").one_line.endswith("[not_found]")
