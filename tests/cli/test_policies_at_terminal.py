"""Policies at the terminal: from a file to its publication, in the hands of several people."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from infra.product import now
from tests.cli.terminal import Said, Terminal

FILE = """
[pack]
id = "house_rules"
version = 1
says = "Our own rules"
zh = "本公司规则"

[[deadline]]
id = "house-1"
clause = "CB-10.1a"
says = "An inquiry is answered within half an hour."
zh = "30分钟内响应。"
metric = "first_response"
trigger = "InquiryReceived"
fulfilled_by = "FirstResponseSent"
in_force = 2026-01-01
target = { working_minutes = 30 }
"""
TOMORROW = (now() + timedelta(days=1)).date().isoformat()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "house.toml"
    path.write_text(FILE, "utf-8")
    return path


def fine(said: Said) -> str:
    assert (said.code, said.err) == (0, "")
    return said.out


def token(terminal: Terminal, folder: Path, actor: str, *roles: str) -> str:
    given = [word for role in roles for word in ("--role", role)]
    path = folder / f"{actor}.token"
    path.write_text(fine(terminal.types("token", "issue", actor, *given)), "ascii")
    return str(path)


@pytest.mark.clause("RR-T-0b", "OS-A8b")
def test_a_file_becomes_a_policy_in_the_hands_of_three(
    at_terminal: Terminal, file: Path, tmp_path: Path
) -> None:
    cora = token(at_terminal, tmp_path, "cora", "compliance_officer")
    maya = token(at_terminal, tmp_path, "maya", "management")
    types = at_terminal.types
    assert fine(types("policies", "draft", str(file))) == "house_rules: recorded\n"
    assert fine(types("policies", "draft", str(file))) == "house_rules: nothing to record\n"
    own = types("policies", "review", "house_rules")
    assert own.one_line.endswith("[reviewed_by_drafter]")
    fine(types("policies", "review", "house_rules", "--token", cora))
    fine(types("policies", "approve", "house_rules", "--token", maya))
    words = ("--effective-day", TOMORROW, "--change-record", "Half an hour")
    fine(types("policies", "publish", "house_rules", *words))
    fine(types("policies", "file", "house_rules", "--department", "crm", "--reference", "1"))
    shown = fine(types("policies", "show", "house_rules"))
    for told in ("Our own rules", TOMORROW, "Half an hour", "cora", "maya", "working_minutes 30"):
        assert told in shown
    (line,) = [o for o in fine(types("policies")).splitlines() if "house_rules@1" in o]
    assert "published" in line and "cora" in line and "maya" in line
    rows = fine(types("policies", "show", "house_rules", "--json"))
    assert hashlib.sha256(rows.encode()).hexdigest() in shown
    file.write_text(FILE.replace("= 30", "= 20"), "utf-8")
    fine(types("policies", "draft", str(file)))
    changes = fine(types("policies", "diff", "house_rules"))
    assert "house-1" in changes and "working_minutes 30" in changes and "minutes 20" in changes
    fine(types("policies", "withdraw", "house_rules"))
    fine(types("policies", "lapse", "house_rules", "--day", TOMORROW, "--change-record", "No more"))
    assert "never in force" in fine(types("policies"))


def test_what_ships_is_told_as_approved_by_nobody_until_two_adopt_it(
    at_terminal: Terminal, tmp_path: Path
) -> None:
    cora = token(at_terminal, tmp_path, "cora", "compliance_officer")
    maya = token(at_terminal, tmp_path, "maya", "management")
    told = fine(at_terminal.types("policies"))
    (line,) = [o for o in told.splitlines() if "cross_border_crm@1" in o]
    assert "shipped, not yet approved by a person" in line and "from ever" in line
    adopted = ("cross_border_crm", "--version", "1", "--token")
    fine(at_terminal.types("policies", "review", *adopted, cora))
    fine(at_terminal.types("policies", "approve", *adopted, maya))
    (line,) = [
        o for o in fine(at_terminal.types("policies")).splitlines() if "cross_border_crm@1" in o
    ]
    assert "in force" in line and "maya" in line


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"\xff\xfe", "policy_file_unreadable"),
        (b"[pack", "policy_file_unreadable"),
        (b"a = 1", "policy_file_part"),
        (FILE.replace("[[deadline]]", "[[dealine]]").encode(), "policy_file_part"),
        (FILE.replace("version = 1", "colour = 1").encode(), "policy_file_part"),
        (FILE.replace("house_rules", "House Rules").encode(), "invalid_request"),
        (FILE.replace("= 30", "= 0.5").encode(), "invalid_request"),
        (FILE.replace("= 30", "= -30").encode(), "limit_not_positive"),
        (FILE.replace('"InquiryReceived"', '"SunRisen"').encode(), "row_event_unknown"),
        (FILE.replace("metric", "meter").encode(), "row_malformed"),
        (b"[pack]\n" * 3, "policy_file_unreadable"),
        (b"x = " + b"[" * 20_000, "policy_file_unreadable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_file_is_refused_in_one_line_and_nothing_is_recorded(
    at_terminal: Terminal, file: Path, text: bytes, code: str, language: str
) -> None:
    file.write_bytes(text)
    said = at_terminal.types("policies", "draft", str(file), "--lang", language)
    assert (said.code, said.out) == (1, "")
    assert said.one_line.endswith(f"[{code}]")
    assert at_terminal.recorded() == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("draft", "nowhere.toml"), "policy_file_unreadable"),
        (("show", "nothing_here"), "not_found"),
        (("show", "cross_border_crm", "--version", "9"), "no_such_policy_version"),
        (("diff", "cross_border_crm"), "no_draft"),
        (("review", "Cross Border"), "invalid_request"),
        (("publish", "tier", "--effective-day", "soon", "--change-record", "x"), "invalid_request"),
        (("review", "tier", "--token", "nowhere"), "unauthenticated"),
    ],
)
def test_a_bad_line_is_one_line(at_terminal: Terminal, words: tuple[str, ...], code: str) -> None:
    said = at_terminal.types("policies", *words)
    assert (said.code, said.out) == (1, "")
    assert said.one_line.endswith(f"[{code}]")
