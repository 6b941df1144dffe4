"""Questions over HTTP: as fresh as asked for, and opened only with a purpose on record."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.commands.erasing import erase
from tests.http.door import Door


def test_a_history_is_sealed_until_it_is_opened_for_a_purpose(door: Door) -> None:
    customer = door.customer()
    door.show()
    path = f"/v1/customers/{customer}/history"
    assert "Ann Example" not in door.get(path).text
    assert door.get(path, open=True).json()["code"] == "purpose_missing"
    assert door.get(path, open=True, purpose="dpv:Marketeering").status_code == 403
    opened = door.get(path, open=True, purpose="dpv:CustomerCare", role="agent")
    assert "Ann Example" in opened.text
    with door.product.record.connection() as connection:
        rows = connection.execute("SELECT actor, decision FROM trail.access ORDER BY id").fetchall()
    assert rows == [("a-crm_admin", "deny"), ("a-agent", "permit")]
    assert opened.headers["Cache-Control"] == "no-store"


@pytest.mark.clause("CB-15.2b")
def test_what_an_erased_person_said_is_null_and_never_an_empty_text(door: Door) -> None:
    customer = door.customer()
    door.ticket(customer)
    door.show()
    path = f"/v1/customers/{customer}/history"
    assert {fact["erased"] for fact in door.get(path).json()["items"]} == {False}
    erase(door.product, customer)
    query: dict[str, Any] = {"open": True, "purpose": "dpv:CustomerCare"}
    before_it_is_shown = facts_of(door.get(path, **query))
    assert before_it_is_shown["CustomerRegistered"]["sealed"] == {
        "profile.email": None,
        "profile.name": None,
    }
    assert before_it_is_shown["CustomerRegistered"]["erased"]
    door.show()
    closed: dict[str, Any] = {}
    for asked in (closed, query):
        facts = facts_of(door.get(path, **asked))
        assert [(f["sealed"], f["erased"]) for f in facts.values() if f["sealed"]] == []
        assert {name for name, fact in facts.items() if fact["erased"]} == {
            "CustomerRegistered",
            "InquiryReceived",
        }


def facts_of(answer: httpx2.Response) -> dict[str, dict[str, Any]]:
    return {fact["type"]: fact for fact in answer.json()["items"]}


def test_a_guest_of_whom_nothing_personal_is_held_was_not_erased(door: Door) -> None:
    guest = {"kind": "guest", "collection_source": "platform_backend"}
    customer = door.post("/v1/customers", guest).json()["ids"]["customer"]
    door.show()
    (fact,) = door.get(f"/v1/customers/{customer}/history").json()["items"]
    assert (fact["sealed"], fact["erased"]) == (None, False)


@pytest.mark.clause("CB-14.1b")
def test_nothing_is_opened_if_the_access_cannot_be_recorded(door: Door) -> None:
    customer = door.customer()
    door.show()
    with door.product.record.connection() as connection:
        connection.execute("RESET ROLE")
        connection.execute("REVOKE INSERT ON trail.access FROM dossier_writer")
        connection.execute("SET ROLE dossier_writer")
    path = f"/v1/customers/{customer}/history"
    answer = door.get(path, open=True, purpose="dpv:CustomerCare")
    assert (answer.status_code, answer.json()["code"]) == (503, "trail_unavailable")
    assert "Ann Example" not in answer.text


def test_what_was_recorded_is_found(door: Door) -> None:
    customer = door.customer()
    ticket = door.ticket(customer)
    door.show()
    assert [row["customer"] for row in door.get("/v1/customers").json()["items"]] == [str(customer)]
    assert door.get(f"/v1/customers/{customer}").json()["market"] == "GB"
    (found,) = door.get("/v1/tickets", customer=customer).json()["items"]
    assert found["ticket"] == str(ticket)
    nothing: dict[str, Any] = {"items": [], "next": None}
    assert door.get("/v1/complaints", customer=customer).json() == nothing


def test_unknown_parameters_and_customers_are_told(door: Door) -> None:
    door.show()
    assert door.get("/v1/tiers", asof="now").json()["code"] == "parameter_unknown"
    repeated = door.get("/v1/tickets?state=closed&state=waiting")
    assert (repeated.status_code, repeated.json()["code"]) == (400, "parameter_repeated")
    assert door.get("/v1/breaches", limit=201).status_code == 422
    assert door.get(f"/v1/customers/{uuid4()}/history").status_code == 404
    assert door.get("/v1/tiers").json() == door.get("/v1/breaches").json()


def test_what_is_not_shown_yet_is_said_rather_than_left_out(door: Door) -> None:
    door.show()
    answer = door.get("/v1/tiers", min_position=100_000, wait_ms=1)
    assert (answer.status_code, answer.json()["code"]) == (503, "projection_behind")
