"""Commands over HTTP: recorded once, answered alike, refused by name."""

from __future__ import annotations

from uuid import uuid4

import pytest

from infra.http.commands import places
from infra.identity.tokens import Grant, issue
from tests.http.door import INQUIRY, PERSON, Door


def test_a_command_is_recorded_and_answered_with_what_it_came_to(door: Door) -> None:
    customer = door.customer()
    answer = door.post(f"/v1/customers/{customer}/receive-inquiry", INQUIRY)
    assert answer.status_code == 200
    told = answer.json()
    assert told["ids"]["customer"] == str(customer)
    assert told["versions"] == {told["ids"]["ticket"]: int(answer.headers["ETag"].strip('"'))}
    with door.product.record.connection() as connection:
        last = connection.execute("SELECT max(position) FROM es.events").fetchone()
    assert last == (told["position"],)
    assert "replayed" not in told


def test_the_name_and_the_address_lead_to_the_same_command(door: Door) -> None:
    customer = door.customer()
    by_name = door.post("/v1/commands/ReceiveInquiry", {**INQUIRY, "customer_id": str(customer)})
    by_place = door.post(f"/v1/customers/{customer}/receive-inquiry", INQUIRY)
    assert (by_name.status_code, by_place.status_code) == (200, 200)
    assert by_name.json().keys() == by_place.json().keys()


def test_a_repeated_command_has_one_effect_and_the_same_answer(door: Door) -> None:
    first = door.post("/v1/customers", PERSON, key="once")
    recorded = door.recorded()
    again = door.post("/v1/customers", PERSON, key="once")
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert door.recorded() == recorded


def test_the_same_key_of_another_actor_is_another_command(door: Door) -> None:
    first = door.post("/v1/customers", PERSON, key="shared", role="agent")
    second = door.post("/v1/customers", PERSON, key="shared", role="sales")
    assert first.json()["ids"] != second.json()["ids"]


def test_a_version_that_is_not_the_present_one_fails_the_precondition(door: Door) -> None:
    ticket = door.ticket()
    current = door.post(f"/v1/tickets/{ticket}/assign", {"owner": "ann"}).headers["ETag"]
    recorded = door.recorded()
    stale = door.post(f"/v1/tickets/{ticket}/start-work", {}, If_Match='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "conflict")
    assert stale.json()["current_version"] == int(current.strip('"'))
    assert door.recorded() == recorded
    assert door.post(f"/v1/tickets/{ticket}/start-work", {}, If_Match=current).status_code == 200


def test_an_expectation_that_is_no_version_is_refused(door: Door) -> None:
    for value in ("17", 'W/"17"', '"a"', '""', "*", '"1", "2"', f'"{10**20}"'):
        answer = door.post(f"/v1/tickets/{uuid4()}/resolve", {}, If_Match=value)
        assert (answer.status_code, answer.json()["code"]) == (400, "expectation_invalid")


def test_a_rule_that_stands_against_it_is_told_with_its_code(door: Door) -> None:
    ticket = door.ticket()
    answer = door.post(f"/v1/tickets/{ticket}/close", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "ticket_not_resolved")
    assert answer.json()["detail"] == (
        "Only a resolved ticket can be followed up, reopened or closed."
    )


@pytest.mark.clause("CB-14.1b")
def test_who_asks_and_in_which_role_comes_from_the_token_alone(door: Door) -> None:
    customer = door.customer()
    refused = door.post(
        f"/v1/customers/{customer}/erase", {}, role="agent", X_Role="crm_admin", X_Actor="boss"
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "role_not_allowed")
    assert refused.json()["clause"] == "CB-14.1b"
    named = door.post(f"/v1/customers/{customer}/erase", {"role": "crm_admin", "actor": "boss"})
    assert {e["pointer"] for e in named.json()["errors"]} == {"/role", "/actor"}
    told = door.post("/v1/customers", PERSON, role="sales").json()
    (event, *_) = door.product.record.read_stream(told["ids"]["customer"])
    assert (event.header.actor, event.header.role) == ("a-sales", "sales")


def test_a_token_with_several_roles_asks_in_one_that_may(door: Door) -> None:
    customer = door.customer()
    both = Grant(actor="both", roles=["agent", "compliance_officer"])
    token = issue(door.product.record.connection, both).token
    door.tokens["both"] = token
    hold = {"categories": ["contact"], "basis": "court:17", "review_on": "2126-06-01"}
    path = f"/v1/customers/{customer}/place-legal-hold"
    assert door.post(path, hold, role="agent").json()["code"] == "role_not_allowed"
    answer = door.post(path, hold, role="both")
    assert answer.status_code == 200, answer.text
    with door.product.record.connection() as connection:
        asked = connection.execute("SELECT role FROM es.events WHERE actor = 'both'").fetchall()
    assert asked == [("compliance_officer",)]


def test_every_command_has_two_addresses_and_none_is_shared() -> None:
    every = list(places())
    assert (
        len({place.path for place in every})
        == len(every)
        == 2 * len({place.command for place in every})
    )
