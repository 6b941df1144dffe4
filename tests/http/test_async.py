"""Commands that are taken now and done later: `Prefer: respond-async`, with a real worker."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from infra.home import Home
from infra.queue.worker import working
from tests.commands.erasing import erase
from tests.http.door import INQUIRY, PERSON, Door, opened

LATER = "respond-async"


def settled(door: Door, place: str, *, role: str = "crm_admin", **headers: str) -> dict[str, Any]:
    """What became of it, once something has."""
    end = time.monotonic() + 30
    sent = {**door.bearer(role), **headers}
    while time.monotonic() < end:
        answer = door.client.get(place, headers=sent)
        assert answer.status_code == 200
        if answer.json()["state"] != "pending":
            told: dict[str, Any] = answer.json()
            return told
        assert answer.headers["Retry-After"]
        time.sleep(0.05)
    raise AssertionError("it was not settled in time")


def taken(answer: httpx2.Response) -> str:
    """The address at which an accepted command can be followed."""
    assert answer.status_code == 202
    assert answer.headers["Preference-Applied"] == LATER
    assert answer.headers["Retry-After"]
    place = answer.headers["Location"]
    assert answer.json() == {"command_id": place.rpartition("/")[2], "state": "pending"}
    return place


def test_it_is_taken_now_recorded_later_and_answered_as_if_it_had_been_done_at_once(
    door: Door,
) -> None:
    place = taken(door.post("/v1/customers", PERSON, key="later", Prefer=LATER))
    assert door.get(place).json()["state"] == "pending"
    assert door.recorded() == 0
    with working(door.queue):
        told = settled(door, place)
    assert told["state"] == "recorded" and "problem" not in told
    recorded = door.recorded()
    again = door.post("/v1/customers", PERSON, key="later")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == told["answer"]
    once_more = door.post("/v1/customers", PERSON, key="later", Prefer=LATER)
    assert (once_more.status_code, once_more.json()) == (200, told["answer"])
    assert door.recorded() == recorded


def test_sent_twice_while_it_waits_it_is_one_command(door: Door) -> None:
    places = {
        taken(door.post("/v1/customers", PERSON, key="later", Prefer=LATER)) for _ in range(2)
    }
    (place,) = places
    other = door.post("/v1/customers", {**PERSON, "market": "DE"}, key="later", Prefer=LATER)
    assert (other.status_code, other.json()["code"]) == (422, "command_reused")
    with working(door.queue):
        settled(door, place)
    with door.product.record.connection() as connection:
        kinds = connection.execute(
            "SELECT DISTINCT kind FROM es.events WHERE actor <> 'dossier'"
        ).fetchall()
    assert kinds == [("customer",)]


@pytest.mark.clause("CB-15.2b")
def test_a_refusal_is_told_later_as_the_problem_it_is(door: Door) -> None:
    customer = door.customer()
    erase(door.product, customer)
    recorded = door.recorded()
    place = f"/v1/customers/{customer}/receive-inquiry"
    at_once = door.post(place, INQUIRY)
    later = taken(door.post(place, INQUIRY, Prefer=LATER))
    with working(door.queue):
        told = settled(door, later)
    assert told["state"] == "refused" and "answer" not in told
    own = {"instance", "trace_id"}
    assert {k: v for k, v in told["problem"].items() if k not in own} == {
        k: v for k, v in at_once.json().items() if k not in own
    }
    assert told["problem"]["instance"] == later
    chinese = settled(door, later, **{"Accept-Language": "zh"})
    assert chinese["problem"]["code"] == "customer_erased"
    assert not chinese["problem"]["detail"].isascii()
    assert door.recorded() == recorded


def test_a_version_insisted_on_goes_along(door: Door) -> None:
    ticket = door.ticket()
    place = f"/v1/tickets/{ticket}/assign"
    later = taken(door.post(place, {"owner": "ann"}, Prefer=LATER, If_Match='"99"'))
    with working(door.queue):
        told = settled(door, later)
    assert (told["problem"]["code"], told["problem"]["status"]) == ("conflict", 412)
    assert told["problem"]["current_version"] > 0


def test_a_refused_command_may_be_sent_again_under_its_key(door: Door) -> None:
    nobody = {**INQUIRY, "customer_id": str(uuid4())}
    somebody = {**INQUIRY, "customer_id": str(door.customer())}
    with working(door.queue):
        place = taken(door.post("/v1/commands/ReceiveInquiry", nobody, key="k", Prefer=LATER))
        assert settled(door, place)["problem"]["code"] == "not_found"
        again = taken(door.post("/v1/commands/ReceiveInquiry", somebody, key="k", Prefer=LATER))
        assert again == place
        assert settled(door, place)["state"] == "recorded"


def test_what_fails_over_and_over_is_given_up_and_said_to_be_dead(door: Door) -> None:
    door.queue.broker.get_actor("take_command").options["max_retries"] = 0
    place = taken(door.post("/v1/customers", PERSON, Prefer=LATER))
    with door.product.record.connection() as connection:
        connection.execute("UPDATE es.inbox SET payload = decode(repeat('00', 64), 'hex')")
    with working(door.queue):
        told = settled(door, place)
    assert told["state"] == "dead"
    assert (told["problem"]["code"], told["problem"]["status"]) == ("internal_error", 500)
    assert "Traceback" not in str(told) and "InvalidTag" not in str(told)
    assert door.recorded() == 0


def test_only_who_sent_it_may_follow_it_and_others_cannot_tell_that_it_is_there(
    door: Door,
) -> None:
    place = taken(door.post("/v1/customers", PERSON, role="agent", Prefer=LATER))
    at_once = UUID(int=0)
    own = ("id", "instance", "trace_id")

    def said(path: str, role: str) -> tuple[int, dict[str, Any]]:
        answer = door.get(path, role=role)
        told = answer.json()
        return answer.status_code, {
            key: value.replace(path.rpartition("/")[2], "*") if isinstance(value, str) else value
            for key, value in told.items()
            if key not in (*own, "parameters")
        }

    for _ in ("pending", "recorded"):
        unknown = said(f"/v1/commands/{uuid4()}", "supervisor")
        assert said(place, "supervisor") == unknown == said(f"/v1/commands/{at_once}", "crm_admin")
        assert unknown[0] == 404 and unknown[1]["code"] == "not_found"
        assert door.client.get(place).status_code == 401
        with working(door.queue):
            settled(door, place, role="agent")


def test_what_was_done_at_once_can_be_asked_about_too(door: Door) -> None:
    first = door.post("/v1/customers", PERSON, key="now", Prefer=f"{LATER}; wait=5")
    other = door.post("/v1/customers", PERSON, key="plain", Prefer="handling=lenient")
    assert (first.status_code, other.status_code) == (202, 200)
    assert door.post("/v1/customers", PERSON, Prefer="norespond-async").status_code == 200
    known = door.product.record.read_stream(other.json()["ids"]["customer"])
    told = door.get(f"/v1/commands/{known[0].header.command_id}").json()
    assert (told["state"], told["answer"]) == ("recorded", other.json())


def test_what_may_not_be_asked_or_is_no_command_is_said_at_once(door: Door) -> None:
    refused = door.post("/v1/customers", PERSON, role="auditor", Prefer=LATER)
    assert (refused.status_code, refused.json()["code"]) == (403, "role_not_allowed")
    invalid = door.post("/v1/customers", {}, Prefer=LATER)
    assert (invalid.status_code, invalid.json()["code"]) == (422, "invalid_request")
    with door.product.record.connection() as connection:
        assert connection.execute("SELECT count(*) FROM es.inbox").fetchone() == (0,)


def test_a_queue_that_is_down_is_told_and_the_command_is_not_lost(
    home: Home, database: str, redis_url: str
) -> None:
    with opened(home, database, "redis://127.0.0.1:1/0") as door:
        answer = door.post("/v1/customers", PERSON, key="kept", Prefer=LATER)
        assert (answer.status_code, answer.json()["code"]) == (503, "queue_unavailable")
        assert answer.headers["Retry-After"]
        assert door.post("/v1/customers", PERSON).status_code == 200
    with opened(home, database, redis_url) as door:
        with door.product.record.connection() as connection:
            ((command_id,),) = connection.execute("SELECT command_id FROM es.inbox").fetchall()
        door.queue.send_left_behind(seconds=0)
        with working(door.queue):
            assert settled(door, f"/v1/commands/{command_id}")["state"] == "recorded"
