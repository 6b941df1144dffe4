"""One key, many requests: one effect, and nobody else's answer."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from tests.http.door import PERSON, Door
from tests.http.test_bad_input import told


@pytest.mark.case("AC-26")
def test_fifty_at_once_under_one_key_are_one(door: Door) -> None:
    headers = {**door.bearer("crm_admin"), "Idempotency-Key": "the-same"}

    def send(_: int) -> httpx2.Response:
        return door.client.post("/v1/customers", json=PERSON, headers=headers)

    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(send, range(50)))
    assert Counter(a.status_code for a in answers) == {200: 50}
    assert len({a.text for a in answers}) == 1
    assert [a.headers.get("Idempotency-Replayed") for a in answers].count(None) == 1
    with door.product.record.connection() as connection:
        row = connection.execute(
            "SELECT count(DISTINCT stream) FROM es.events WHERE actor <> 'dossier'"
        ).fetchone()
    assert row == (1,)


@pytest.mark.case("AC-25")
def test_a_key_belongs_to_its_actor_and_to_one_command(door: Door) -> None:
    first = door.post("/v1/customers", PERSON, role="crm_admin", key="mine")
    recorded = door.recorded()
    other = door.post("/v1/customers", {**PERSON, "market": "DE"}, role="crm_admin", key="mine")
    assert told(other) == (422, "command_reused")
    assert first.json()["ids"]["customer"] not in other.text
    assert door.recorded() == recorded
    again = door.post("/v1/customers", PERSON, role="crm_admin", key="mine")
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert door.recorded() == recorded
    somebody = door.post("/v1/customers", PERSON, role="agent", key="mine")
    assert somebody.status_code == 200
    assert somebody.json()["ids"] != first.json()["ids"]
    assert "Idempotency-Replayed" not in somebody.headers
