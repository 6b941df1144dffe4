"""One of each: what is shown, and under which version it may be acted upon."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import httpx2
import pytest

from infra.product import now
from tests.commands.erasing import erase
from tests.http.door import Door

KINDS = ("customer", "order", "ticket", "complaint")


def version(answer: httpx2.Response) -> int:
    found = re.fullmatch(r'"(\d+)-[0-9a-f]{12}"', answer.headers["ETag"])
    assert found is not None, answer.headers["ETag"]
    assert answer.json()["version"] == int(found[1])
    return int(found[1])


@pytest.fixture
def one(door: Door) -> dict[str, UUID]:
    customer = door.customer()
    found = {
        "customer": customer,
        "order": door.order(customer),
        "ticket": door.ticket(customer),
        "complaint": door.complaint(customer),
    }
    door.show()
    return found


def test_each_is_shown_with_the_version_of_its_last_fact(door: Door, one: dict[str, UUID]) -> None:
    for kind, identity in one.items():
        answer = door.get(f"/v1/{kind}s/{identity}")
        assert answer.status_code == 200
        shown = answer.json()
        assert shown["order_id" if kind == "order" else kind] == str(identity)
        history = door.product.dispatcher.view.history(identity)
        assert history is not None
        assert version(answer) == history.fact_version
        assert answer.headers["Cache-Control"] == "private, no-cache"


def test_cases_are_shown_with_their_promises(door: Door, one: dict[str, UUID]) -> None:
    (first,) = door.get(f"/v1/tickets/{one['ticket']}").json()["timers"]
    assert (first["metric"], first["state"]) == ("first_response", "running")
    assert first["due_at"] and first["clause"]
    complaint = door.get(f"/v1/complaints/{one['complaint']}").json()
    assert "complaint_registration" in {timer["metric"] for timer in complaint["timers"]}
    door.post(f"/v1/tickets/{one['ticket']}/send-first-response", {"text": "On its way."})
    door.show()
    (first,) = door.get(f"/v1/tickets/{one['ticket']}").json()["timers"]
    assert first["state"] == "fulfilled"


def test_the_tag_of_what_is_shown_opens_the_way_for_a_command(
    door: Door, one: dict[str, UUID]
) -> None:
    path = f"/v1/tickets/{one['ticket']}"
    seen = door.get(path).headers["ETag"]
    assigned = door.post(f"{path}/assign", {"owner": "ann"}, If_Match=seen)
    assert assigned.status_code == 200
    recorded = door.recorded()
    stale = door.post(f"{path}/assign", {"owner": "bob"}, If_Match=seen)
    assert (stale.status_code, stale.json()["code"]) == (412, "conflict")
    assert f'"{stale.json()["current_version"]}"' == assigned.headers["ETag"]
    assert door.recorded() == recorded
    door.show()
    assert version(door.get(path)) == stale.json()["current_version"]


def test_what_is_not_shown_yet_has_the_older_version(door: Door, one: dict[str, UUID]) -> None:
    path = f"/v1/tickets/{one['ticket']}"
    before = version(door.get(path))
    door.post(f"{path}/assign", {"owner": "ann"})
    behind = door.get(path)
    assert (behind.json()["owner"], version(behind)) == (None, before)
    assert door.post(f"{path}/start-work", {}, If_Match=behind.headers["ETag"]).status_code == 412


def test_whoever_has_it_already_is_told_so(door: Door, one: dict[str, UUID]) -> None:
    for kind, identity in one.items():
        path = f"/v1/{kind}s/{identity}"
        tag = door.get(path).headers["ETag"]
        for known in (tag, f"W/{tag}", f'"1-abc", {tag}', "*"):
            headers = {**door.bearer("crm_admin"), "If-None-Match": known}
            answer = door.client.get(path, headers=headers)
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["ETag"] == tag
        for other in ('"1"', tag.strip('"'), "", '"', "nonsense"):
            headers = {**door.bearer("crm_admin"), "If-None-Match": other}
            assert door.client.get(path, headers=headers).status_code == 200


def test_what_changes_without_a_fact_of_its_own_has_another_tag_and_the_same_version(
    door: Door, one: dict[str, UUID]
) -> None:
    path = f"/v1/customers/{one['customer']}"
    before = door.get(path)
    door.ticket(one["customer"])
    door.show()
    after = door.get(path)
    assert version(before) == version(after)
    assert before.headers["ETag"] != after.headers["ETag"]
    headers = {**door.bearer("crm_admin"), "If-None-Match": before.headers["ETag"]}
    assert door.client.get(path, headers=headers).status_code == 200


def test_what_was_never_recorded_is_not_found_and_a_thing_of_another_kind_neither(
    door: Door, one: dict[str, UUID]
) -> None:
    recorded = door.recorded()
    for kind in KINDS:
        others = [identity for name, identity in one.items() if name != kind]
        for identity in (uuid4(), UUID(int=0), *others):
            answer = door.get(f"/v1/{kind}s/{identity}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
            assert answer.json()["parameters"] == {"kind": kind, "id": str(identity)}
        for nonsense in ("5", "x" * 300, "%00", "%F0%9F%98%80", "..%2f"):
            answer = door.get(f"/v1/{kind}s/{nonsense}")
            assert answer.status_code in (404, 422)
            assert answer.headers["content-type"] == "application/problem+json"
    assert door.recorded() == recorded


def test_what_is_recorded_and_not_shown_yet_is_not_called_unknown(door: Door) -> None:
    door.show()
    ticket = door.ticket()
    answer = door.get(f"/v1/tickets/{ticket}")
    assert (answer.status_code, answer.json()["code"]) == (503, "projection_behind")
    assert answer.headers["Retry-After"]
    door.show()
    assert door.get(f"/v1/tickets/{ticket}").status_code == 200


@pytest.mark.clause("CB-15.2b")
def test_of_an_erased_person_no_sealed_value_is_shown(door: Door, one: dict[str, UUID]) -> None:
    path = f"/v1/customers/{one['customer']}"
    assert door.get(path).json()["sealed"]
    erase(door.product, one["customer"])
    door.show()
    shown = door.get(path).json()
    assert shown["sealed"] == {} and shown["erased_at"]
    assert door.get(f"/v1/tickets/{one['ticket']}").json()["subject_token"] is None


def test_a_timer_past_its_time_is_shown_as_it_stands(door: Door) -> None:
    customer = door.customer()
    then = (now() - timedelta(days=30)).isoformat()
    complaint = door.complaint(customer, at=then)
    door.show()
    timers = door.get(f"/v1/complaints/{complaint}").json()["timers"]
    assert {timer["started_at"][:10] for timer in timers} == {then[:10]}
    assert all(timer["due_at"] < now().isoformat() for timer in timers)
