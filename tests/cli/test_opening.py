"""Personal values at the terminal: sealed, opened for a purpose on record, or erased."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from tests.cli.terminal import Terminal

CARE = ("--open", "--purpose", "dpv:CustomerCare")
TRAIL = "SELECT actor, role, purpose, decision, tokens, fields FROM trail.access ORDER BY id"


def test_a_history_and_a_customer_are_sealed_until_opened(at_terminal: Terminal) -> None:
    customer = str(at_terminal.customer(name="Ann Example", email="ann@example.org"))
    assert at_terminal.types("projections", "run").code == 0
    for words in (("history", customer), ("customers", "show", customer)):
        sealed = at_terminal.types(*words)
        assert sealed.code == 0
        assert "Ann Example" not in sealed.out
        assert "<sealed>" in sealed.out
    assert at_terminal.rows(TRAIL) == []
    for words in (("history", customer), ("customers", "show", customer)):
        opened = at_terminal.types(*words, *CARE)
        assert "Ann Example" in opened.out
        assert "ann@example.org" in opened.out
        assert "<sealed>" not in opened.out
    fields = ["CustomerRegistered.profile.email", "CustomerRegistered.profile.name"]
    row = ("admin", "crm_admin", "dpv:CustomerCare", "permit", 2, fields)
    assert at_terminal.rows(TRAIL) == [row, row]


def test_values_are_opened_in_the_role_that_may(at_terminal: Terminal) -> None:
    customer = str(at_terminal.customer(name="Ann Example"))
    assert at_terminal.types("projections", "run").code == 0
    for_the_law = ("--open", "--purpose", "dpv:LegalCompliance")
    assert "Ann Example" in at_terminal.types("history", customer, *for_the_law).out
    refused = at_terminal.types("history", customer, *for_the_law, "--role", "sales")
    assert refused.one_line.endswith("[access_denied]")
    roles = at_terminal.rows("SELECT role, decision FROM trail.access ORDER BY id")
    assert roles == [("complaint_officer", "permit"), ("sales", "deny")]


def test_what_a_correction_changed_is_told_before_and_after(at_terminal: Terminal) -> None:
    customer = at_terminal.customer(name="Ann Example")
    at_terminal.sends(
        "CorrectProfile",
        {
            "customer_id": str(customer),
            "profile": {"name": "Ann Sample"},
            "why": "customer_reported",
        },
    )
    assert at_terminal.types("projections", "run").code == 0
    opened = at_terminal.types("history", str(customer), *CARE)
    assert "profile.name: Ann Example -> Ann Sample" in opened.out
    sealed = at_terminal.types("history", str(customer))
    assert "profile.name: <sealed> -> <sealed>" in sealed.out


@pytest.mark.clause("CB-14.1b")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_purpose_or_a_role_there_is_not_is_refused_by_name(
    at_terminal: Terminal, language: str
) -> None:
    customer = str(at_terminal.customer(name="Ann Example", email="ann@example.org"))
    assert at_terminal.types("projections", "run").code == 0
    for options, code, named in (
        (("--purpose", "dpv:Marketeering"), "purpose_not_listed", "dpv:Marketeering"),
        (("--purpose", "dpv:CustomerCare", "--role", "captain"), "role_unknown", "captain"),
        (("--purpose", "dpv:CustomerCare", "--role", "analyst"), "role_not_held", "analyst"),
        (
            ("--purpose", "dpv:CustomerCare", "--role", "management"),
            "access_denied",
            "CustomerCare",
        ),
    ):
        said = at_terminal.types("history", customer, "--open", *options, "--lang", language)
        assert (said.code, said.out) == (1, "")
        assert said.one_line.endswith(f"[{code}]")
        assert named in said.one_line
    decisions = at_terminal.rows("SELECT role, decision FROM trail.access ORDER BY id")
    assert decisions == [("crm_admin", "deny"), ("management", "deny")]


@pytest.mark.clause("CB-15.2b")
@pytest.mark.parametrize("shown_before", [True, False])
def test_of_somebody_erased_only_that_is_told(at_terminal: Terminal, shown_before: bool) -> None:
    known = at_terminal.customer(name="Ann Example")
    customer = str(known)
    if shown_before:
        assert at_terminal.types("projections", "run").code == 0
    at_terminal.erases(known)
    if not shown_before:
        assert at_terminal.types("projections", "run").code == 0
    for words in (("history", customer), ("customers", "show", customer)):
        opened = at_terminal.types(*words, *CARE)
        assert opened.code == 0, opened.err
        assert "<erased>" in opened.out
        assert "Ann Example" not in opened.out
    fields = [line for line in opened.out.splitlines() if "<erased>" in line]
    assert len(fields) == 1 and " name " in fields[0]


def test_what_somebody_typed_cannot_steer_a_terminal(at_terminal: Terminal) -> None:
    customer = str(at_terminal.customer(name="\x1b[31mAnn\x07 [/bold][red]\u202eB"))
    assert at_terminal.types("projections", "run").code == 0
    for words in (("history", customer), ("customers", "show", customer)):
        opened = at_terminal.types(*words, *CARE)
        assert "Ann? [/bold][red]?B" in opened.out, opened
        assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", opened.out)


def test_opening_nobody_is_no_access(at_terminal: Terminal) -> None:
    assert at_terminal.types("projections", "run").code == 0
    said = at_terminal.types("history", str(uuid4()), *CARE)
    assert said.one_line.endswith("[not_found]")
    assert at_terminal.rows(TRAIL) == []
