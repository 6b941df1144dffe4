"""Questions over HTTP: as fresh as asked for, and opened only with a purpose on record."""

from __future__ import annotations

from uuid import uuid4

import pytest

from infra.projector import catch_up
from tests.http.door import Door


def test_a_history_is_sealed_until_it_is_opened_for_a_purpose(door: Door) -> None:
    customer = door.customer()
    catch_up(door.product.addresses.database_url)
    path = f"/v1/customers/{customer}/history"
    assert "Ann Example" not in door.get(path).text
    assert door.get(path, open=True).json()["code"] == "purpose_missing"
    assert door.get(path, open=True, purpose="dpv:Marketeering").status_code == 403
    opened = door.get(path, open=True, purpose="dpv:CustomerCare", role="agent")
    assert "Ann Example" in opened.text
    with door.product.record.connection() as connection:
        rows = connection.execute("SELECT actor, decision FROM trail.access ORDER BY id").fetchall()
    assert rows == [("a-crm_admin", "deny"), ("a-agent", "permit")]


@pytest.mark.clause("CB-14.1b")
def test_nothing_is_opened_if_the_access_cannot_be_recorded(door: Door) -> None:
    customer = door.customer()
    catch_up(door.product.addresses.database_url)
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
    catch_up(door.product.addresses.database_url)
    assert [row["customer"] for row in door.get("/v1/customers").json()] == [str(customer)]
    assert door.get(f"/v1/customers/{customer}").json()["market"] == "GB"
    assert [t["ticket"] for t in door.get("/v1/tickets", customer=customer).json()] == [str(ticket)]
    assert door.get("/v1/complaints", customer=customer).json() == []


def test_unknown_parameters_and_customers_are_told(door: Door) -> None:
    catch_up(door.product.addresses.database_url)
    assert door.get("/v1/tiers", asof="now").json()["code"] == "parameter_unknown"
    assert door.get("/v1/breaches", limit=201).status_code == 422
    assert door.get(f"/v1/customers/{uuid4()}/history").status_code == 404
    assert (door.get("/v1/tiers").json(), door.get("/v1/breaches").json()) == ([], [])


def test_what_is_not_shown_yet_is_said_rather_than_left_out(door: Door) -> None:
    catch_up(door.product.addresses.database_url)
    answer = door.get("/v1/tiers", min_position=10, wait_ms=1)
    assert (answer.status_code, answer.json()["code"]) == (503, "projection_behind")
