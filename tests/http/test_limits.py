"""How much a caller may ask for, counted on Valkey, or alone while Valkey is away."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from uuid import UUID, uuid4

import httpx2
import pytest

from infra.home import Home
from infra.http.app import application
from infra.http.limits import Counters, Limit, Limits
from infra.http.listening import listening
from infra.http.local_counts import LocalCounts
from infra.http.shared_counts import SharedCounts
from infra.product import assembled
from infra.queue.worker import command_queue
from infra.servers.owner import Addresses
from infra.servers.problem import ServerProblem
from tests.http.door import Door

FEW = Limits(
    credential=Limit("credential", 5, 3600),
    source=Limit("source", 40, 3600),
    customers=Limit("customers", 3, 600),
)
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture(params=["shared", "local"])
def counts(request: pytest.FixtureRequest, redis_url: str) -> SharedCounts | LocalCounts:
    return SharedCounts(redis_url) if request.param == "shared" else LocalCounts()


class TestCounting:
    """Both ways of counting come to the same."""

    def test_a_quota_is_given_out_and_comes_back_with_time(
        self, counts: SharedCounts | LocalCounts
    ) -> None:
        given = [counts.take("k", 3, 60, 600.0)[0] for _ in range(5)]
        assert given == [True] * 3 + [False] * 2
        assert counts.take("other", 3, 60, 600.0) == (True, 1)
        assert not counts.take("k", 3, 60, 659.0)[0]
        assert counts.take("k", 3, 60, 690.0) == (True, 2)  # half of the window before counts
        assert counts.take("k", 3, 60, 780.0) == (True, 1)

    def test_different_subjects_are_counted_once_each(
        self, counts: SharedCounts | LocalCounts
    ) -> None:
        one, two, three = (uuid4() for _ in range(3))
        for _ in range(5):
            assert counts.see("k", [one, two], 2, 60, 100.0)[0]
        allowed, oldest, seen = counts.see("k", [three], 2, 60, 120.0)
        assert (allowed, oldest, set(seen)) == (False, 100.0, {one, two})
        assert counts.see("k", [three], 2, 60, 161.0)[0]

    def test_the_first_time_is_told_once(self, counts: SharedCounts | LocalCounts) -> None:
        assert [counts.first("k", 60, 1.0) for _ in range(3)] == [True, False, False]

    def test_callers_at_once_get_the_quota_and_no_more(
        self, counts: SharedCounts | LocalCounts
    ) -> None:
        with ThreadPoolExecutor(8) as threads:
            given = list(threads.map(lambda _: counts.take("k", 20, 60, 5.0)[0], range(80)))
        assert given.count(True) == 20


def test_without_valkey_a_process_counts_alone_and_does_not_wait_each_time() -> None:
    counters = Counters(NOWHERE, clock=lambda: 7.0)
    limit = Limit("credential", 2, 60)
    assert [counters.take(limit, "ann").allowed for _ in range(3)] == [True, True, False]
    assert counters.take(limit, "ben").remaining == 1


@pytest.mark.parametrize("wrong", ["x", "1", "1/", "/1", "0/5", "-1/5", "1/2/3", "9" * 30 + "/1"])
def test_a_setting_that_makes_no_sense_is_told(wrong: str) -> None:
    with pytest.raises(ServerProblem, match="DOSSIER_LIMIT_SOURCE"):
        Limits.of({"DOSSIER_LIMIT_SOURCE": wrong})
    assert Limits.of({"DOSSIER_LIMIT_SOURCE": "7/60"}).source == Limit("source", 7, 60)
    assert Limits.of({}) == Limits()


def asked(door: Door, limits: Limits, do: Callable[[httpx2.Client], None]) -> None:
    app = application(door.product, door.queue, limits=limits)
    with listening(app, port=0) as address, httpx2.Client(base_url=address, timeout=30) as client:
        do(client)


def test_a_token_or_an_address_that_asks_too_often_is_told_to_wait(door: Door) -> None:
    agent, admin = door.bearer("agent"), door.bearer("crm_admin")
    door.show()

    def ask(client: httpx2.Client) -> None:
        for n in range(5):
            answer = client.get("/v1/tiers", headers=agent)
            assert answer.status_code == 200
            assert answer.headers["RateLimit-Policy"] == (
                '"source";q=40;w=3600, "credential";q=5;w=3600'
            )
            assert re.fullmatch(rf'"credential";r={4 - n};t=\d+', answer.headers["RateLimit"])
        refused = client.get("/v1/tiers", headers=agent)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
        assert 0 < int(refused.headers["Retry-After"]) <= 3601
        assert refused.headers["RateLimit"].startswith('"credential";r=0;')
        assert client.get("/v1/tiers", headers=admin).status_code == 200
        answers = [client.get("/v1/tiers") for _ in range(40)]
        assert {answer.status_code for answer in answers} == {401, 429}
        assert client.get("/v1/tiers", headers=admin).json()["code"] == "too_many_requests"
        assert client.get("/livez").status_code == 200

    asked(door, FEW, ask)


@pytest.mark.case("AC-30")
def test_whoever_looks_at_more_customers_than_anybody_needs_is_stopped_and_on_record(
    door: Door,
) -> None:
    people = [door.customer() for _ in range(5)]
    ticket = door.ticket(people[4])
    door.show()
    agent = door.bearer("agent")

    def ask(client: httpx2.Client) -> None:
        for person in (*people[:3], *people[:3]):
            assert client.get(f"/v1/customers/{person}", headers=agent).status_code == 200
        for address in (
            f"/v1/customers/{people[3]}",
            f"/v1/customers/{people[3]}/history",
            f"/v1/customers/{people[4]}/orders",
            f"/v1/tickets/{ticket}",
        ):
            refused = client.get(address, headers=agent)
            assert (refused.status_code, refused.json()["code"]) == (429, "too_many_customers")
            assert 0 < int(refused.headers["Retry-After"]) <= 601
        body = {"kind": "email", "value": "ann@example.org", "purpose": "dpv:CustomerCare"}
        refused = client.post("/v1/customers/lookup", json=body, headers=agent)
        assert refused.json()["code"] == "too_many_customers"
        assert client.get(f"/v1/customers/{people[0]}", headers=agent).status_code == 200
        other = door.bearer("crm_admin")
        assert client.get(f"/v1/customers/{people[3]}", headers=other).status_code == 200

    asked(door, FEW._replace(credential=Limit("credential", 100, 3600)), ask)
    with door.product.record.connection() as connection:
        rows: list[tuple[str, list[UUID]]] = connection.execute(
            "SELECT actor, subjects FROM trail.access WHERE rule = 'bulk-access-suspected'"
        ).fetchall()
    assert rows == [("a-agent", sorted(people[:4]))]


def test_the_door_stays_open_and_limited_without_valkey(home: Home, database: str) -> None:
    with assembled(home, Addresses(database, NOWHERE, owner=False)) as product:
        queue = command_queue(product)
        door = Door(product, queue, httpx2.Client(), {}, count(1))
        agent = door.bearer("agent")
        door.show()

        def ask(client: httpx2.Client) -> None:
            statuses = [client.get("/v1/tiers", headers=agent).status_code for _ in range(7)]
            assert statuses == [200] * 5 + [429] * 2

        asked(door, FEW, ask)
        door.client.close()
        queue.close()
