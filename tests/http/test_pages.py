"""Lists come in pages that hold together while the record grows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from infra.product import now
from tests.http.door import INQUIRY, PERSON, Door

EVALUATION = {
    "scheme": "retail",
    "as_of": "2026-03-02",
    "position": 1,
    "indicators": {"orders_365d": "3", "net_365d": "1000.50"},
}


def ids(pages: list[list[dict[str, Any]]], name: str) -> list[str]:
    return [row[name] for page in pages for row in page]


@pytest.fixture
def shop(door: Door) -> tuple[Door, UUID]:
    """A customer with five of everything, all at the same moment, and four other customers."""
    then = (now() - timedelta(days=90)).isoformat()
    answers = [door.post("/v1/customers", {**PERSON, "at": then}) for _ in range(5)]
    everybody = [UUID(answer.json()["ids"]["customer"]) for answer in answers]
    customer = everybody[0]
    for number in range(5):
        door.order(customer, str(number), at=then)
        door.complaint(customer, at=then)
        asked = door.post(f"/v1/customers/{customer}/receive-inquiry", {**INQUIRY, "at": then})
        assert asked.status_code == 200
        held = door.post(f"/v1/customers/{everybody[number]}/evaluate-tier", EVALUATION)
        assert held.status_code == 200
    door.show()
    return door, customer


def lists(customer: UUID) -> dict[str, str]:
    """Every list there is, and what names a row of it."""
    return {
        "/v1/customers": "customer",
        f"/v1/customers/{customer}/orders": "order_id",
        f"/v1/customers/{customer}/history": "position",
        "/v1/tickets": "ticket",
        "/v1/complaints": "complaint",
        "/v1/breaches": "timer",
        "/v1/timers": "timer",
        "/v1/tiers": "tier",
        "/v1/tiers/retail/important/customers": "customer",
    }


def test_pages_hold_every_row_once_and_in_the_order_of_one_great_page(
    shop: tuple[Door, UUID], subtests: pytest.Subtests
) -> None:
    door, customer = shop
    for path, name in lists(customer).items():
        with subtests.test(path):
            (whole,) = door.walk(path, limit=200)
            assert len(whole) >= (5 if path != "/v1/tiers" else 1)
            for limit in (1, 2, len(whole)):
                pages = door.walk(path, limit=limit)
                assert ids(pages, name) == ids([whole], name)
                assert {len(page) for page in pages[:-1]} <= {limit}
                assert 0 < len(pages[-1]) <= limit


def test_what_is_recorded_between_two_pages_moves_nothing(shop: tuple[Door, UUID]) -> None:
    door, customer = shop
    before = ids(door.walk("/v1/tickets"), "ticket")
    first = door.get("/v1/tickets", limit=2).json()
    older = (now() - timedelta(days=200)).isoformat()
    door.post(f"/v1/customers/{customer}/receive-inquiry", {**INQUIRY, "at": older})
    door.ticket(customer)
    door.show()
    rest = door.client.get(first["next"], headers=door.bearer("crm_admin")).json()
    seen = ids([first["items"], rest["items"]], "ticket")
    while rest["next"]:
        rest = door.client.get(rest["next"], headers=door.bearer("crm_admin")).json()
        seen += ids([rest["items"]], "ticket")
    assert seen[:5] == before
    assert len(seen) == len(set(seen)) == 6


def test_a_customer_who_is_active_again_is_neither_met_twice_nor_passed_over(
    shop: tuple[Door, UUID],
) -> None:
    door, _ = shop
    everybody = ids(door.walk("/v1/customers"), "customer")
    first = door.get("/v1/customers", limit=2).json()
    door.ticket(UUID(everybody[-1]))
    door.show()
    rest = door.client.get(first["next"], headers=door.bearer("crm_admin")).json()
    assert [row["customer"] for row in rest["items"]] == everybody[2:4]


def test_a_page_has_fifty_rows_unless_asked_for_fewer_or_more(door: Door) -> None:
    customer = door.customer()
    for number in range(26):
        door.order(customer, str(number))
        door.order(customer, f"again {number}")
    door.show()
    path = f"/v1/customers/{customer}/orders"
    assert [len(page) for page in door.walk(path)] == [50, 2]
    assert [len(page) for page in door.walk(path, limit=200)] == [52]
    for limit in (0, 201, -1, "many", 10**30):
        answer = door.get(path, limit=limit)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_filters_go_along_from_page_to_page(shop: tuple[Door, UUID]) -> None:
    door, customer = shop
    other = door.ticket()
    door.post(f"/v1/tickets/{other}/assign", {"owner": "ann", "group": "first line"})
    door.post(f"/v1/tickets/{other}/start-work", {})
    door.show()
    assert len(ids(door.walk("/v1/tickets", customer=customer, limit=2), "ticket")) == 5
    for query in ({"owner": "ann"}, {"team": "first line"}, {"state": "in_progress"}):
        found = door.walk("/v1/tickets", **query)
        assert ids(found, "ticket") == [str(other)], query
    assert door.walk("/v1/tickets", market="DE") == [[]]
    assert len(ids(door.walk("/v1/tickets", channel="email", state="received"), "ticket")) == 5
    assert len(ids(door.walk("/v1/breaches", kind="ticket", limit=2), "timer")) == 5
    assert {
        row["customer"] for page in door.walk("/v1/breaches", customer=customer) for row in page
    } == {str(customer)}
    assert door.walk("/v1/customers", country="FR", tier="core", market="GB") == [[]]


def test_breaches_are_as_of_one_moment_on_every_page(shop: tuple[Door, UUID]) -> None:
    door, _ = shop
    first = door.get("/v1/breaches", limit=2).json()
    assert "as_of=" in first["next"]
    rest = door.client.get(first["next"], headers=door.bearer("crm_admin"))
    assert rest.status_code == 200
    early = (now() - timedelta(days=90)).isoformat()
    assert door.walk("/v1/breaches", as_of=early) == [[]]
    assert len(ids(door.walk("/v1/breaches", limit=3), "timer")) == 10


def test_a_cursor_that_was_not_given_out_or_for_something_else_is_refused(
    shop: tuple[Door, UUID], subtests: pytest.Subtests
) -> None:
    door, customer = shop
    bearer = door.bearer("crm_admin")
    given = door.get("/v1/tickets", limit=2, customer=customer).json()["next"]
    cursor = given.rpartition("after=")[2]
    assert door.client.get(given, headers=bearer).status_code == 200
    foreign = (
        f"/v1/tickets?after={cursor}",
        f"/v1/tickets?customer={customer}&state=received&after={cursor}",
        f"/v1/complaints?customer={customer}&after={cursor}",
        f"/v1/customers/{customer}/history?after={cursor}",
        f"/v1/tiers?after={cursor}",
    )
    flipped = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    broken = ("", "1", "x", "%00", "%F0%9F%98%80", "a" * 5000, "====", flipped, cursor[:-1])
    made_up = (f"{path}?after={value}" for path in lists(customer) for value in broken)
    for address in (*foreign, *made_up):
        with subtests.test(address[:80]):
            answer = door.client.get(address, headers=bearer)
            assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")


def test_tiers_go_on_behind_the_last_one_seen(door: Door) -> None:
    for net in ("20000", "1000.50", "0"):
        indicators = {"orders_365d": "3", "net_365d": net}
        body = {**EVALUATION, "indicators": indicators}
        assert door.post(f"/v1/customers/{door.customer()}/evaluate-tier", body).status_code == 200
    door.show()
    (whole,) = door.walk("/v1/tiers")
    assert len(whole) >= 2
    assert door.walk("/v1/tiers", limit=1) == [[row] for row in whole]


def test_the_size_of_a_page_may_change_on_the_way(shop: tuple[Door, UUID]) -> None:
    door, _ = shop
    given = door.get("/v1/tickets", limit=1).json()["next"]
    answer = door.client.get(given.replace("limit=1", "limit=3"), headers=door.bearer("crm_admin"))
    assert len(answer.json()["items"]) == 3


def test_orders_of_nobody_are_not_found(door: Door) -> None:
    door.show()
    answer = door.get(f"/v1/customers/{UUID(int=5)}/orders")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    customer = door.customer()
    behind = door.get(f"/v1/customers/{customer}/orders")
    assert (behind.status_code, behind.json()["code"]) == (503, "projection_behind")
    door.show()
    assert door.walk(f"/v1/customers/{customer}/orders") == [[]]
