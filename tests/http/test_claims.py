"""Who a request says it is in its headers: not looked at, counted, and once an hour on record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infra.http.app import application
from infra.http.entering import SAYING_WHO
from infra.http.listening import listening
from tests.http.door import INQUIRY, PERSON, Door
from tests.http.test_bad_input import told
from tests.http.test_lookup import logged


def rows(door: Door, query: bytes) -> list[Any]:
    with door.product.record.connection() as connection:
        return connection.execute(query).fetchall()


@pytest.mark.case("AC-01")
def test_a_claim_is_ignored_counted_and_once_on_record(door: Door, tmp_path: Path) -> None:
    app = application(door.product, door.queue)
    claims = {"X-Actor-Id": "zoe-secret", "X-Role": "management", "X-Forwarded-User": "zoe-secret"}
    with logged(tmp_path / "log"), listening(app, port=0) as address:
        for n in range(3):
            headers = {**door.bearer("agent"), **claims, "Idempotency-Key": f"k{n}"}
            answer = door.client.post(f"{address}/v1/customers", json=PERSON, headers=headers)
            assert answer.status_code == 200
        refused = door.client.post(
            f"{address}/v1/commands/EraseCustomer",
            json={"customer_id": answer.json()["ids"]["customer"]},
            headers={**door.bearer("agent"), **claims, "Idempotency-Key": "e"},
        )
        assert told(refused) == (403, "role_not_allowed")
        assert app.state.entry.claimed == 4
    assert rows(door, b"SELECT DISTINCT actor, role FROM es.events WHERE actor <> 'dossier'") == [
        ("a-agent", "agent")
    ]
    assert rows(
        door, b"SELECT decision, actor FROM trail.login WHERE rule = 'claimed-in-header'"
    ) == [("deny", "a-agent")]
    log = (tmp_path / "log").read_text()
    assert log.count("http.claim_ignored") == 4 and "x-actor-id" in log and "zoe" not in log
    assert {name.lower() for name in claims} <= SAYING_WHO


@pytest.mark.case("AC-05")
def test_the_queue_takes_actor_and_role_from_the_token(door: Door) -> None:
    customer = door.customer()
    answer = door.post(
        f"/v1/customers/{customer}/receive-inquiry",
        INQUIRY,
        role="agent",
        Prefer="respond-async",
        X_Actor_Id="root",
        X_Role="management",
    )
    assert answer.status_code == 202
    assert rows(door, b"SELECT actor, role FROM es.inbox") == [("a-agent", "agent")]
    for more in ({"actor": "root"}, {"role": "management"}, {"caller": {"role": "management"}}):
        refused = door.post(
            f"/v1/customers/{customer}/receive-inquiry", {**INQUIRY, **more}, Prefer="respond-async"
        )
        assert told(refused) == (422, "invalid_request")


def test_two_tokens_in_one_request_are_none(door: Door) -> None:
    headers = [("Authorization", door.bearer(role)["Authorization"]) for role in ("agent", "sales")]
    assert told(door.client.get("/v1/tiers", headers=headers)) == (401, "unauthenticated")
