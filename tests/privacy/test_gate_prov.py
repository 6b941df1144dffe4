"""Who handled whose data, as W3C PROV: complete, well-formed, and without a word of the person."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from infra.gate import AccessDenied
from infra.product import Product
from infra.provenance import document
from infra.scan.needles import Needles
from infra.scan.spelling import Spellings
from infra.scan.stream import Stream
from queries.handling_of import accesses_of, recordings_of
from tests.cli.terminal import Terminal
from tests.privacy.at_the_gate import CARE, reader, value, values
from tests.privacy.conftest import CRM, ask, registration

CANARY = "Quirina Kanarienvogel"
RELATIONS: dict[str, dict[str, str]] = {
    "wasGeneratedBy": {"prov:entity": "entity", "prov:activity": "activity"},
    "used": {"prov:activity": "activity", "prov:entity": "entity"},
    "wasAssociatedWith": {"prov:activity": "activity", "prov:agent": "agent"},
    "wasAttributedTo": {"prov:entity": "entity", "prov:agent": "agent"},
    "actedOnBehalfOf": {"prov:delegate": "agent", "prov:responsible": "agent"},
    "wasInfluencedBy": {"prov:influencee": "entity", "prov:influencer": "entity"},
}
TIMES = {"prov:time", "prov:startTime", "prov:endTime"}
QUALIFIED = re.compile(r"(\w+):[A-Za-z0-9._~%/-]+")


def check(made: dict[str, Any]) -> None:
    """Well-formed by the PROV-JSON submission: known kinds, qualified names of declared prefixes,
    relations between things that are there, times of xsd:dateTime with a zone."""
    assert made.keys() <= {"prefix", "entity", "activity", "agent", *RELATIONS}
    for kind in ("entity", "activity", "agent"):
        for name, said in made.get(kind, {}).items():
            assert_qualified(made, name)
            assert_said(made, said)
    for kind, ends in RELATIONS.items():
        for name, said in made.get(kind, {}).items():
            assert name.startswith("_:")
            assert_said(made, said)
            for end, of in ends.items():
                assert said[end] in made[of], (kind, name, end)


def assert_qualified(made: dict[str, Any], name: str) -> None:
    found = QUALIFIED.fullmatch(name)
    assert found, name
    assert found[1] in made["prefix"], name


def assert_said(made: dict[str, Any], said: dict[str, Any]) -> None:
    for key, one in said.items():
        assert key.partition(":")[0] in {"prov", *made["prefix"]}
        if key in TIMES:
            assert datetime.fromisoformat(one).tzinfo is not None
        if isinstance(one, dict):
            assert one["type"] == "prov:QUALIFIED_NAME"
            assert_qualified(made, one["$"])
        else:
            assert one is not None


@pytest.fixture
def db(running: Product) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(running.addresses.database_url, autocommit=True) as connection:
        connection.execute("SET ROLE dossier_reader")
        yield connection


def exported(db: psycopg.Connection[Any], customer: UUID) -> dict[str, Any]:
    made = document(customer, recordings_of(db, customer), accesses_of(db, customer))
    check(made)
    return made


def test_each_event_and_each_access_has_an_activity_and_who_did_it(
    running: Product, erika: UUID, db: psycopg.Connection[Any]
) -> None:
    running.gate.open(values(running, erika), reader(actor="staff:bob"), CARE)
    with pytest.raises(AccessDenied):
        running.gate.open([value(running, erika)], reader("auditor", "staff:eve"), CARE)
    made = exported(db, erika)
    events = {r.header.event_id: r.header for r in running.record.read_stream(erika)}
    for event_id, header in events.items():
        entity = f"dossier:event/{event_id}"
        (made_by,) = [g for g in made["wasGeneratedBy"].values() if g["prov:entity"] == entity]
        assert made_by["prov:activity"] == f"dossier:command/{header.command_id}"
        assert who(made, made_by["prov:activity"]) == {("dossier:actor/staff%3Aann", CRM.role)}
    assert len(made["wasGeneratedBy"]) == len(events)
    granted, denied = (name for name in made["activity"] if name.startswith("dossier:access/"))
    assert who(made, granted) == {("dossier:actor/staff%3Abob", "agent")}
    assert who(made, denied) == {("dossier:actor/staff%3Aeve", "auditor")}
    assert made["activity"][denied]["dossier:decision"] == "deny"
    used = {u["prov:entity"] for u in made["used"].values() if u["prov:activity"] == granted}
    registered = next(e for e, h in events.items() if h.type == "CustomerRegistered")
    assert used == {
        f"dossier:event/{registered}",
        *(f"dossier:customer/{erika}/CustomerRegistered.profile.{f}" for f in ("name", "email")),
    }
    assert all(u["prov:activity"] == granted for u in made["used"].values())


def who(made: dict[str, Any], activity: str) -> set[tuple[str, str]]:
    return {
        (a["prov:agent"], a["prov:role"])
        for a in made["wasAssociatedWith"].values()
        if a["prov:activity"] == activity
    }


def test_of_a_page_of_two_persons_each_has_only_their_own(
    running: Product, erika: UUID, db: psycopg.Connection[Any]
) -> None:
    max_ = ask(running, registration("Max Beispiel")).ids["customer"]
    running.gate.open([value(running, erika), value(running, max_)], reader(), CARE)
    made = exported(db, erika)
    assert str(max_) not in json.dumps(made)
    assert f"dossier:customer/{erika}/CustomerRegistered.profile.name" in made["entity"]


@pytest.mark.case("CP-13")
def test_a_document_holds_nothing_of_the_person_and_nothing_anybody_typed(
    running: Product, db: psycopg.Connection[Any]
) -> None:
    customer = ask(running, registration(CANARY)).ids["customer"]
    assert running.gate.open(values(running, customer), reader(), CARE)[0] == CANARY
    with pytest.raises(AccessDenied):
        running.gate.open([value(running, customer)], reader(), CANARY)
    with pytest.raises(AccessDenied):
        running.gate.open([value(running, customer)], reader(recipient=CANARY), CARE)
    made = exported(db, customer)
    assert len([a for a in made["activity"] if a.startswith("dossier:access/")]) == 3
    assert hits(made) == set()
    assert hits({**made, "planted": CANARY}) == {1, 3}, "the scan sees what is there"


def hits(made: dict[str, Any]) -> set[int]:
    found: set[int] = set()
    spellings = Spellings(Needles([CANARY, "erika@example.org", "Kanarienvogel"]))
    stream = Stream(spellings, lambda number, _: found.add(number))
    stream.feed(json.dumps(made).encode())
    stream.close()
    return found


def test_it_is_written_once_into_a_file_of_ones_own(at_terminal: Terminal, tmp_path: Path) -> None:
    customer = at_terminal.customer(name=CANARY)
    file = tmp_path / "handled.json"
    assert at_terminal.types("projections", "run").code == 0
    said = at_terminal.types("history", str(customer), "--prov", str(file))
    assert (said.code, said.err) == (0, "")
    assert file.stat().st_mode & 0o777 == 0o600
    text = file.read_text("utf-8")
    check(json.loads(text))
    assert str(customer) in text
    assert CANARY not in text + said.out
    again = at_terminal.types("history", str(customer), "--prov", str(file))
    assert again.code == 1
    assert file.read_text("utf-8") == text
    nobody = tmp_path / "nobody.json"
    said = at_terminal.types("history", str(uuid4()), "--prov", str(nobody))
    assert said.code == 1
    assert not nobody.exists()
