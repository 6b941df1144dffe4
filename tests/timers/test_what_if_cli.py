"""`dossier sla what-if` at a terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import Terminal

FILE = """
[pack]
id = "cross_border_crm"
says = "What is tried."
zh = "试用的规则。"

[[deadline]]
id = "cb-10.1a"
clause = "CB-10.1a"
says = "An inquiry is answered within so many minutes."
zh = "在规定时间内答复。"
metric = "first_response"
trigger = "InquiryReceived"
fulfilled_by = "FirstResponseSent"
target = { minutes = %d }
"""
AT = "2026-06-09T03:00:00Z"
"""Eleven in the morning of a Tuesday in China."""


@pytest.fixture
def shop(at_terminal: Terminal) -> Terminal:
    """Two inquiries, one answered after half an hour and one never."""
    customer = str(at_terminal.customer())
    inquiry = {"customer_id": customer, "channel": "chat", "text": "Where?", "at": AT}
    for answered in (True, False):
        ticket = at_terminal.sends("ReceiveInquiry", inquiry)["ids"]["ticket"]
        if answered:
            reply = {"ticket_id": ticket, "text": "Here.", "at": "2026-06-09T03:30:00Z"}
            at_terminal.sends("SendFirstResponse", reply)
    return at_terminal


def tried(shop: Terminal, tmp_path: Path, minutes: int, *more: str) -> dict[str, Any]:
    file = tmp_path / "tried.toml"
    file.write_text(FILE % minutes, "utf-8")
    said = shop.types("sla", "what-if", "--policy", str(file), "--json", *more)
    assert (said.code, said.err) == (0, "")
    found: dict[str, Any] = json.loads(said.out)
    return found


def test_a_file_is_tried_and_nothing_is_recorded(shop: Terminal, tmp_path: Path) -> None:
    before = shop.recorded()
    tight, wide = tried(shop, tmp_path, 1), tried(shop, tmp_path, 29 * 1440)
    assert (tight["cases"], tight["promises"], tight["move"]) == (2, 2, 2)
    answered = [row for row in tight["rows"] if row["would_breach"] and not row["breached"]]
    assert tight["would_breach"] == len(answered)
    assert wide["would_breach"] == 0
    assert {row["would_be_due_at"] for row in wide["rows"]} == {"2026-07-08T03:00:00+00:00"}
    assert shop.recorded() == before


def test_the_totals_stand_over_the_first_rows(shop: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "tried.toml"
    file.write_text(FILE % 1, "utf-8")
    said = shop.types("sla", "what-if", "--policy", str(file), "--limit", "1")
    first, *rest = said.out.splitlines()
    assert first.startswith("under tried.toml: 2 promises of 2 cases: 2 move, ")
    assert rest[0].strip() == "first 1"


def test_the_version_in_force_moves_nothing(shop: Terminal) -> None:
    for words in (("--policy", "cross_border_crm@1"), ("--calendar", "gb@1")):
        said = shop.types("sla", "what-if", *words)
        assert (said.code, said.err) == (0, "")
        assert said.out == (
            f"under {words[1]}: 2 promises of 2 cases: 0 move, 0 would breach, 0 would be saved\n"
        )


@pytest.mark.parametrize(
    ("words", "promises"),
    [
        (("--from", "2026-06-09"), 2),
        (("--from", "2026-06-10"), 0),
        (("--to", "2026-06-09"), 0),
        (("--market", "GB"), 2),
        (("--market", "DE"), 0),
    ],
)
def test_of_a_period_or_a_market(
    shop: Terminal, tmp_path: Path, words: tuple[str, ...], promises: int
) -> None:
    assert tried(shop, tmp_path, 1, *words)["promises"] == promises


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "invalid_request"),
        (("--policy", "cross_border_crm@1", "--calendar", "gb@1"), "invalid_request"),
        (("--policy", "nothing"), "invalid_request"),
        (("--policy", "nothing@1"), "not_found"),
        (("--calendar", "gb@99"), "calendar_not_published"),
        (("--calendar", "nothing@1"), "calendar_not_published"),
        (("--policy", "missing.toml"), "policy_file_unreadable"),
        (("--policy", "cross_border_crm@1", "--from", "yesterday"), "invalid_request"),
    ],
)
def test_what_makes_no_sense_is_told_in_one_line(
    at_terminal: Terminal, words: tuple[str, ...], code: str
) -> None:
    said = at_terminal.types("sla", "what-if", *words)
    assert (said.code, said.out) == (1, "")
    assert said.one_line.endswith(f"[{code}]")


@pytest.mark.parametrize(
    ("was", "becomes", "code"),
    [
        ("minutes = 1 ", "minutes = 0 ", "limit_not_positive"),
        ('"InquiryReceived"', '"NoSuchEvent"', "row_event_unknown"),
        ("[[deadline]]", "[[cadence]]", "row_malformed"),
        ("[pack]", "[packs]", "policy_file_part"),
        ("[[deadline]]", "[[deadline]", "policy_file_unreadable"),
    ],
)
def test_a_file_that_is_no_policy_is_refused_by_its_row(
    at_terminal: Terminal, tmp_path: Path, was: str, becomes: str, code: str
) -> None:
    file = tmp_path / "bad.toml"
    text = FILE % 1
    assert was in text
    file.write_text(text.replace(was, becomes), "utf-8")
    said = at_terminal.types("sla", "what-if", "--policy", str(file))
    assert (said.code, said.out) == (1, "")
    assert said.one_line.endswith(f"[{code}]")
