"""`dossier clauses`: counts, lists, and the chain of one clause, without any server."""

from __future__ import annotations

from tests.cli.terminal import Terminal


def test_the_chain_of_one_clause(at_terminal: Terminal) -> None:
    said = at_terminal.types("clauses", "os-3.4-2c")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("OS-3.4-2c")
    for part in (
        "row os-3.4-2c of overseas_further@1, not turned on: PT60M working",
        "begins with ComplaintReceived (complaint; read by",
        "fulfilled by ComplaintAcknowledged (complaint; read by",
        "what is promised is found in sla_timers",
        "seen to begin and come true: tests/commands/test_every_promise.py::",
    ):
        assert part in said.out


def test_what_cannot_run_yet_says_why(at_terminal: Terminal) -> None:
    said = at_terminal.types("clauses", "CB-11.2d")
    assert "cannot run yet: " in said.out
    assert "begins with LogisticsExceptionDetected (not on record yet)" in said.out


def test_lists_are_narrowed(at_terminal: Terminal) -> None:
    every = at_terminal.types("clauses", "--source", "RR-A", "--kind", "deadline")
    assert "RR-A-3.3" in every.out
    assert "RR-B-7a" not in every.out
    left = at_terminal.types("clauses", "--open", "--source", "ec-x", "--kind", "deadline").out
    assert "EC-X-2.2.3b" in left
    assert "EC-4.3.1a" not in left


def test_alone_it_counts(at_terminal: Terminal) -> None:
    said = at_terminal.types("clauses")
    assert " of 187 deadlines and cadences are carried" in said.out
    assert "772" in said.out


def test_what_is_not_there_is_told(at_terminal: Terminal) -> None:
    for words in (
        ("CB-99",),
        ("CB-1", "--open"),
        ("--kind", "wish"),
        ("--source", "XX"),
    ):
        said = at_terminal.types("clauses", *words)
        assert said.code == 1
        assert "[invalid_request]" in said.one_line
