"""Coming in over HTTP: what a request may say about who sends it, and what not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from infra.home import Home
from infra.identity import tokens
from infra.identity.tokens import Grant
from infra.projector import catch_up
from tests.http.door import INQUIRY, PERSON, Door, opened
from tests.identity.loopback_provider import Provider

OIDC = """
[[issuer]]
name = "corp"
url = "{url}"
audience = "dossier"
roles_claim = "groups"
prefix = ""
roles = {{ "crm agents" = "agent", "administrators" = "crm_admin" }}
"""


@pytest.fixture
def door(home: Home, database: str, redis_url: str, provider: Provider) -> Iterator[Door]:
    (home.path / "oidc.toml").write_text(OIDC.format(url=provider.url))
    with opened(home, database, redis_url) as door:
        yield door


def sent(door: Door, token: str, **more: str) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"k-{next(door.keys)}"}
    return headers | {name.replace("_", "-"): value for name, value in more.items()}


def registers(door: Door, token: str, **more: str) -> Any:
    return door.client.post("/v1/customers", json=PERSON, headers=sent(door, token, **more))


def granted(door: Door, **more: Any) -> str:
    values: dict[str, Any] = {"actor": "shop", "roles": ["crm_admin"]}
    return tokens.issue(door.product.record.connection, Grant(**(values | more))).token


def actors(door: Door) -> list[Any]:
    with door.product.record.connection() as connection:
        return connection.execute(
            "SELECT DISTINCT actor, role FROM es.events WHERE actor <> 'dossier' ORDER BY 1"
        ).fetchall()


@pytest.mark.case("AC-01")
def test_headers_about_the_sender_are_not_looked_at(door: Door) -> None:
    token = granted(door)
    forged = {
        "X_Actor_Id": "management",
        "X_Role": "compliance_officer",
        "X_Forwarded_User": "root",
        "X_Forwarded_For": "10.0.0.1",
        "Forwarded": "for=10.0.0.1",
    }
    assert registers(door, token, **forged).status_code == 200
    assert actors(door) == [("shop", "crm_admin")]
    elsewhere = granted(door, networks=["10.0.0.0/8"])
    assert registers(door, elsewhere, **forged).status_code == 401


@pytest.mark.case("AC-28")
class TestScope:
    def test_from_the_right_network_for_the_right_command(self, door: Door) -> None:
        customer = door.customer()
        token = granted(
            door, roles=["agent"], scopes=["command:ReceiveInquiry"], networks=["127.0.0.0/8"]
        )
        place = f"/v1/customers/{customer}/receive-inquiry"
        answer = door.client.post(place, json=INQUIRY, headers=sent(door, token))
        assert answer.status_code == 200

    def test_for_nothing_else(self, door: Door) -> None:
        customer = door.customer()
        token = granted(door, scopes=["command:ReceiveInquiry"])
        before = door.recorded()
        assert registers(door, token).json()["code"] == "out_of_scope"
        for place in ("/v1/customers", f"/v1/customers/{customer}/history", "/v1/tickets"):
            answer = door.client.get(place, headers=sent(door, token))
            assert (answer.status_code, answer.json()["code"]) == (403, "out_of_scope"), place
        assert door.recorded() == before

    def test_reading_is_not_opening(self, door: Door) -> None:
        customer = door.customer()
        catch_up(door.product.addresses.database_url)
        place = f"/v1/customers/{customer}/history"
        token = granted(door, scopes=["read:*"])
        closed = door.client.get(place, headers=sent(door, token))
        assert closed.status_code == 200
        ask = {"open": "true", "purpose": "dpv:CustomerCare"}
        opened = door.client.get(place, params=ask, headers=sent(door, token))
        assert (opened.status_code, opened.json()["code"]) == (403, "out_of_scope")

    def test_from_another_network_or_after_its_end_it_is_nobody_s(self, door: Door) -> None:
        elsewhere = granted(door, networks=["10.0.0.0/8"])
        issued = tokens.issue(
            door.product.record.connection, Grant(actor="shop", roles=["crm_admin"])
        )
        assert registers(door, issued.token).status_code == 200
        tokens.revoke(door.product.record.connection, issued.id)
        before = door.recorded()
        answers = [registers(door, token) for token in (elsewhere, issued.token, "dossier_none")]
        assert [answer.status_code for answer in answers] == [401] * 3
        told = {(a.json()["code"], a.json()["detail"]) for a in answers}
        assert len(told) == 1
        assert door.recorded() == before


@pytest.mark.case("AC-05")
class TestStatements:
    def test_come_in_as_their_subject(self, door: Door, provider: Provider) -> None:
        text = provider.said("ann", groups=["administrators"])
        assert registers(door, text).status_code == 200
        assert actors(door) == [("ann", "crm_admin")]

    @pytest.mark.parametrize(
        "said",
        [
            {"groups": ["crm agents"], "role": "compliance_officer"},
            {"groups": ["crm agents"], "roles": ["compliance_officer"]},
            {"groups": ["crm agents", "compliance_officer"]},
        ],
    )
    def test_get_no_role_by_asking_for_it(
        self, door: Door, provider: Provider, said: dict[str, Any]
    ) -> None:
        erase = "/v1/commands/EraseCustomer"
        body = {"customer_id": str(door.customer())}
        answer = door.client.post(erase, json=body, headers=sent(door, provider.said(**said)))
        assert (answer.status_code, answer.json()["code"]) == (403, "role_not_allowed")
        for place, more in ((erase, {"role": "compliance_officer"}), (erase, {"actor": "root"})):
            answer = door.client.post(
                place, json=body | more, headers=sent(door, provider.said(**said))
            )
            assert answer.status_code == 422
        answer = door.client.post(
            f"{erase}?role=compliance_officer",
            json=body,
            headers=sent(door, provider.said(**said)),
        )
        assert answer.status_code in (400, 403)

    def test_minted_by_somebody_else_are_nobody_s(self, door: Door, provider: Provider) -> None:
        own = Provider("http://127.0.0.1:1")
        own.publish("one")
        for text in (own.said(), own.said(iss=provider.url)):
            assert registers(door, text).status_code == 401

    @pytest.mark.case("AC-02")
    def test_run_out_are_refused_and_leave_no_event(self, door: Door, provider: Provider) -> None:
        ended = int(time.time()) - 31
        text = provider.said(iat=ended - 60, exp=ended)
        assert registers(door, text).status_code == 401
        with door.product.record.connection() as connection:
            rows = connection.execute("SELECT decision, rule FROM trail.login").fetchall()
            accesses = connection.execute("SELECT count(*) FROM trail.access").fetchone()
        assert (rows, accesses) == ([("deny", "expired")], (0,))
        assert door.recorded() == 0


def test_too_many_failures_are_told_how_long_to_wait(door: Door) -> None:
    token = granted(door)
    for number in range(10):
        assert registers(door, f"dossier_{number:08d}{number:040d}").status_code == 401
    answer = registers(door, token)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_failures")
    assert 1 <= int(answer.headers["Retry-After"]) <= 2
    assert door.recorded() == 0
