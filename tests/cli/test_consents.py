"""Consents at the terminal: given, run out, shown, and who may be written to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from commands.command import Command
from tests.cli.terminal import Terminal
from tests.commands.consenting import consent, notice, withdrawal

NOW = datetime.now(UTC)  # noqa: TID251
DAY = timedelta(days=1)
DIRECT = "dpv:DirectMarketing"


def send(terminal: Terminal, command: Command) -> dict[str, Any]:
    body = command.model_dump(mode="json", exclude_unset=True)
    return terminal.sends(type(command).__name__, body)


def told(terminal: Terminal) -> UUID:
    made = terminal.sends(
        "RegisterCustomer",
        {"collection_source": "customer_submitted", "at": (NOW - 9 * DAY).isoformat()},
    )
    customer = UUID(made["ids"]["customer"])
    send(terminal, notice(customer, at=NOW - 8 * DAY))
    return customer


@pytest.mark.clause("CB-15.2a", "CB-14.3a")
def test_who_agreed_is_listed_until_it_runs_out(at_terminal: Terminal) -> None:
    yes, no, ran_out = (told(at_terminal) for _ in range(3))
    send(at_terminal, consent(yes, at=NOW - 7 * DAY, expires_at=NOW + 20 * DAY))
    send(at_terminal, consent(no, at=NOW - 7 * DAY))
    send(at_terminal, withdrawal(no))
    send(at_terminal, consent(ran_out, at=NOW - 7 * DAY, expires_at=NOW - DAY))
    assert at_terminal.types("projections", "run").code == 0

    listed = at_terminal.types("consents", "contactable", "--purpose", DIRECT).out
    assert str(yes) in listed
    assert str(no) not in listed
    assert str(ran_out) not in listed
    soon = at_terminal.types("consents", "expiring").out
    assert str(yes) in soon
    assert "withdrawn" in at_terminal.types("consents", "of", str(no)).out
    assert "given" in at_terminal.types("consents", "of", str(yes)).out

    first = at_terminal.types("consents", "expire")
    assert (first.code, first.out) == (0, "1 customers whose consents ran out\n")
    before = at_terminal.recorded()
    assert at_terminal.types("consents", "expire").out.startswith("0 customers")
    assert at_terminal.recorded() == before
    assert "expired" in at_terminal.types("consents", "of", str(ran_out)).out
    early = (NOW - 30 * DAY).isoformat()
    assert DIRECT not in at_terminal.types("consents", "of", str(yes), "--as-of", early).out


@pytest.mark.clause("CB-14.3b")
def test_an_access_beyond_consent_is_shown_and_the_exit_code_tells(at_terminal: Terminal) -> None:
    customer = told(at_terminal)
    assert at_terminal.types("projections", "run").code == 0
    none = at_terminal.types("consents", "overstepped")
    assert (none.code, none.out) == (0, "no access went beyond a consent\n")
    at_terminal.rows(
        "INSERT INTO trail.access (actor, role, operation, purpose, decision, rule, subjects,"
        " fields, tokens, correlation, policy) VALUES ('eve', 'sales', 'open',"
        f" '{DIRECT}', 'permit', 'r', ARRAY['{customer}'::uuid], '{{}}', 1,"
        f" '{customer}', 'p') RETURNING id"
    )
    found = at_terminal.types("consents", "overstepped")
    assert found.code == 1
    assert "eve" in found.out
    assert str(customer) in found.out


NONSENSE = [
    ("consents", "of", "not-an-id"),
    ("consents", "of", "00000000-0000-0000-0000-000000000001", "--as-of", "yesterday"),
    ("consents", "expiring", "--by", "soon"),
    ("consents", "contactable", "--purpose", "dpv:CustomerCare"),
    ("consents", "contactable"),
    ("consents", "overstepped", "--since", "2026-13-01"),
    ("shares", "--customer", "ada"),
    ("consents", "expiring", "--limit", "0"),
]


def test_what_makes_no_sense_is_told_in_one_line(at_terminal: Terminal) -> None:
    for words in NONSENSE:
        said = at_terminal.types(*words)
        assert said.code == 1, words
        assert said.one_line, words
        assert "Traceback" not in said.err, words
    assert at_terminal.types("projections", "run").code == 0
    nothing = at_terminal.types("shares", "--recipient", "acme-fulfilment")
    assert (nothing.code, nothing.err) == (0, "")
