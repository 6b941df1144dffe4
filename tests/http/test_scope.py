"""Whoever is outside a caller's scope does not exist for them, whichever way is tried."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from infra.http.commands import places
from infra.http.openapi import example
from infra.http.scope import Scope
from infra.identity import tokens
from infra.identity.tokens import Grant
from queries.within import Within
from tests.http.door import COMPLAINT, INQUIRY, PERSON, Door

ROLES = ["agent", "supervisor", "complaint_officer", "crm_admin", "sales", "department_head"]


def bearer(door: Door, **more: Any) -> dict[str, str]:
    values: dict[str, Any] = {"actor": "cn-agent", "roles": ROLES, "markets": ["CN"]}
    token = tokens.issue(door.product.record.connection, Grant(**(values | more))).token
    return {"Authorization": f"Bearer {token}"}


def sends(door: Door, path: str, body: Any, headers: dict[str, str]) -> httpx2.Response:
    key = f"scoped-{next(door.keys)}"
    return door.client.post(path, json=body, headers={**headers, "Idempotency-Key": key})


def of_market(door: Door, market: str) -> dict[str, UUID]:
    customer = UUID(
        door.post("/v1/customers", {**PERSON, "market": market}).json()["ids"]["customer"]
    )
    place = f"/v1/customers/{customer}"
    ticket = door.post(f"{place}/receive-inquiry", {**INQUIRY, "market": market})
    complaint = door.post(f"{place}/receive-complaint", {**COMPLAINT, "market": market})
    return {
        "customer": customer,
        "order": door.order(customer, number=f"{market}-{next(door.keys)}"),
        "ticket": UUID(ticket.json()["ids"]["ticket"]),
        "complaint": UUID(complaint.json()["ids"]["complaint"]),
    }


def denials(door: Door, actor: str = "cn-agent") -> list[tuple[str, str, list[UUID]]]:
    with door.product.record.connection() as connection:
        return connection.execute(
            "SELECT operation, rule, subjects FROM trail.access"
            " WHERE decision = 'deny' AND actor = %s ORDER BY id",
            (actor,),
        ).fetchall()


def without_ids(answer: httpx2.Response, identity: UUID) -> tuple[int, str, set[str]]:
    body = answer.text.replace(str(identity), "ID").replace(answer.json()["trace_id"], "TRACE")
    names = {name for name in answer.headers if name not in ("date", "content-length")}
    return answer.status_code, body, names


@pytest.mark.case("AC-08")
def test_another_market_is_not_found_by_id_nested_in_lists_or_in_commands(door: Door) -> None:
    here, there = of_market(door, "CN"), of_market(door, "DE")
    door.show()
    cn = bearer(door)
    addresses = ["/v1/{}s/{}".format(*one) for one in there.items()]
    addresses += [f"/v1/customers/{there['customer']}/{part}" for part in ("orders", "history")]
    for address in addresses:
        kind, identity = address.split("/")[2:4]
        answer = door.client.get(address, headers=cn)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), address
        nobody = uuid4()
        absent = door.client.get(address.replace(identity, str(nobody)), headers=cn)
        assert without_ids(answer, UUID(identity)) == without_ids(absent, nobody), address
        mine = address.replace(identity, str(here[kind[:-1]]))
        assert door.client.get(mine, headers=cn).status_code == 200, mine
    assert [d for d in denials(door) if d[1] == "out-of-scope"] == [
        ("read", "out-of-scope", [there["customer"]])
    ] * len(addresses)

    lists = ("customers", "tickets", "complaints", "breaches?as_of=2100-01-01T00:00:00Z")
    for name in lists:
        for query in ("", f"customer={there['customer']}", "market=DE"):
            if name == "customers" and query.startswith("customer="):
                continue
            mark = "&" if "?" in name else "?"
            shown = door.client.get(
                f"/v1/{name}{mark}{query}" if query else f"/v1/{name}", headers=cn
            )
            assert shown.status_code == 200, shown.text
            ids = {row["customer"] for row in shown.json()["items"]}
            assert ids == (set() if query else {str(here["customer"])}), (name, query)
        whole = door.client.get(f"/v1/{name}", headers=door.bearer("crm_admin")).json()["items"]
        assert {row["customer"] for row in whole} == {
            str(one["customer"]) for one in (here, there)
        }, name


@pytest.mark.case("AC-08")
def test_no_command_reaches_another_market_and_the_refusal_tells_nothing(
    door: Door, subtests: pytest.Subtests
) -> None:
    there = of_market(door, "DE")
    cn, before = bearer(door), door.recorded()
    tried = 0
    for place in places():
        kind = (place.field or "").removesuffix("_id")
        if kind not in there or not place.command.ROLES & set(ROLES):
            continue
        with subtests.test(place.path):
            body = {k: v for k, v in example(place).items() if k != "market"}
            nobody = uuid4()
            path = place.path.replace(f"{{{place.field}}}", "{}")
            answer = sends(door, path.format(there[kind]), body, cn)
            absent = sends(door, path.format(nobody), body, cn)
            if answer.status_code == 422:
                assert absent.status_code == 422
                continue
            tried += 1
            assert answer.status_code == 404, answer.text
            assert without_ids(answer, there[kind]) == without_ids(absent, nobody)
    assert tried > 30
    assert door.recorded() == before
    whole = sends(
        door, "/v1/commands/ReceiveInquiry", {**INQUIRY, "customer_id": str(there["customer"])}, cn
    )
    assert whole.json()["code"] == "out_of_scope"  # the market in the body says so
    queued = door.client.post(
        f"/v1/tickets/{there['ticket']}/start-work",
        json={},
        headers={**cn, "Idempotency-Key": "queued", "Prefer": "respond-async"},
    )
    assert queued.status_code == 404
    assert door.recorded() == before
    rules = {rule for _, rule, _ in denials(door)}
    assert rules == {"out-of-scope", "unknown"}


@pytest.mark.case("AC-08")
def test_a_team_sees_its_own_cases_and_who_has_them(door: Door) -> None:
    mine, other = of_market(door, "GB"), of_market(door, "GB")
    place = f"/v1/tickets/{mine['ticket']}/assign"
    assigned = door.post(place, {"owner": "ben", "group": "red"})
    assert assigned.status_code == 200, assigned.text
    door.show()
    for who in (
        bearer(door, markets=None, teams=["red"]),
        bearer(door, actor="ben", markets=None, teams=[]),
    ):
        for kind, expected in (("customer", 200), ("ticket", 200)):
            answer = door.client.get(f"/v1/{kind}s/{mine[kind]}", headers=who)
            assert answer.status_code == expected, answer.text
            assert door.client.get(f"/v1/{kind}s/{other[kind]}", headers=who).status_code == 404
        shown = door.client.get("/v1/customers", headers=who).json()["items"]
        assert [row["customer"] for row in shown] == [str(mine["customer"])]


def test_a_market_that_is_not_the_callers_is_no_place_to_register_in(door: Door) -> None:
    cn = bearer(door)
    answer = sends(door, "/v1/customers", PERSON, cn)
    assert (answer.status_code, answer.json()["code"]) == (403, "out_of_scope")
    assert door.recorded() == 0
    assert sends(door, "/v1/customers", {**PERSON, "market": "CN"}, cn).status_code == 200


@pytest.mark.case("AC-08")
def test_the_database_shows_no_other_market_with_the_check_taken_out(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is looked for in the scope, and no list is narrowed: row rules are left."""
    here, there = of_market(door, "CN"), of_market(door, "DE")
    door.show()
    cn = bearer(door)
    lists = ("customers", "tickets", "complaints", "breaches?as_of=2100-01-01T00:00:00Z")
    before = {name: door.client.get(f"/v1/{name}", headers=cn).json() for name in lists}
    monkeypatch.setattr(Scope, "must_reach", lambda *_: None)
    monkeypatch.setattr(Within, "condition", "")
    monkeypatch.setattr(Within, "of_customer", "")
    for kind, identity in there.items():
        answer = door.client.get(f"/v1/{kind}s/{identity}", headers=cn)
        assert answer.status_code in (404, 503), answer.text
        assert set(answer.json()) == {
            *("type", "title", "status", "detail", "code", "parameters", "errors"),
            *("instance", "trace_id"),
        }
        assert door.client.get(f"/v1/{kind}s/{here[kind]}", headers=cn).status_code == 200
    for part in ("orders", "history"):
        answer = door.client.get(f"/v1/customers/{there['customer']}/{part}", headers=cn)
        assert answer.status_code in (404, 503) or answer.json()["items"] == [], part
    for name in lists:
        assert door.client.get(f"/v1/{name}", headers=cn).json() == before[name]
        mark = "&" if "?" in name else "?"
        other = door.client.get(f"/v1/{name}{mark}market=DE", headers=cn).json()
        assert other["items"] == []
        whole = door.client.get(f"/v1/{name}", headers=door.bearer("crm_admin")).json()["items"]
        assert len(whole) == 2 * len(before[name]["items"])
