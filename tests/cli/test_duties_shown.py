"""`dossier duties` and `dossier sla running`: lists at the terminal."""

from __future__ import annotations

import pytest

from tests.cli.terminal import Terminal


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("duties", "--from", "2026-03-01", "--to", "2026-04-01", "--state", "missed"), "duties"),
        (
            ("sla", "running", "--channel", "email", "--due-before", "2026-04-01"),
            "promises that run",
        ),
        (
            ("sla", "breaches", "--policy", "cross_border_crm", "--late-minutes", "5"),
            "breaches as of",
        ),
    ],
)
def test_a_list_of_nothing_is_a_list(
    at_terminal: Terminal, words: tuple[str, ...], said: str
) -> None:
    assert at_terminal.types("projections", "run").code == 0
    answer = at_terminal.types(*words)
    assert (answer.code, answer.err) == (0, "")
    assert said in answer.out


@pytest.mark.parametrize(
    "words",
    [
        ("duties", "--state", "forgotten"),
        ("duties", "--from", "whenever"),
        ("sla", "running", "--kind", "parcel"),
        ("sla", "breaches", "--late-minutes", "0"),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_line(
    at_terminal: Terminal, words: tuple[str, ...]
) -> None:
    answer = at_terminal.types(*words)
    assert answer.code == 1
    assert answer.err.startswith("dossier: ")
    assert answer.err.count("\n") == 1
