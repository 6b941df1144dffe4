"""What cannot be done is said by name, field by field, and changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import psycopg
import pytest

from infra.http.asked import LARGEST_BODY
from infra.log import configure
from infra.product import now
from tests.commands.erasing import erase
from tests.http.door import INQUIRY, PERSON, Door

PROBLEM = "application/problem+json"
SECRET = "Zoe Secretperson"


def told(answer: httpx2.Response) -> tuple[int, str]:
    """Status and code, of what is a problem in every respect."""
    assert answer.headers["content-type"] == PROBLEM
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"/problems/{problem['code']}"
    assert problem["title"] and problem["detail"] and problem["trace_id"]
    assert "Traceback" not in answer.text
    return answer.status_code, problem["code"]


def pointers(answer: httpx2.Response) -> dict[str, str]:
    return {e["pointer"]: e["code"] for e in answer.json()["errors"]}


BODIES: dict[str, tuple[Any, dict[str, str]]] = {
    "missing": ({"kind": "person"}, {"/collection_source": "missing"}),
    "extra": ({**PERSON, "vip": True}, {"/vip": "extra_forbidden"}),
    "extra, nested": (
        {**PERSON, "profile": {"nick/name": "x"}},
        {"/profile/nick~1name": "extra_forbidden"},
    ),
    "wrong type": ({**PERSON, "profile": {"name": 5}}, {"/profile/name": "string_type"}),
    "no such term": ({**PERSON, "kind": SECRET}, {"/kind": "enum"}),
    "no zone": ({**PERSON, "at": "2026-03-02T12:00:00"}, {"/at": "timezone_aware"}),
    "no time": ({**PERSON, "at": SECRET}, {"/at": "datetime_from_date_parsing"}),
    "too long": (
        {**PERSON, "profile": {"name": "x" * 501}},
        {"/profile/name": "string_too_long"},
    ),
    "a list for an object": ({**PERSON, "profile": []}, {"/profile": "model_type"}),
}


def test_each_wrong_field_is_named_and_what_was_sent_is_not(
    door: Door, subtests: pytest.Subtests
) -> None:
    for name, (body, wrong) in BODIES.items():
        with subtests.test(name):
            answer = door.post("/v1/customers", body)
            assert told(answer) == (422, "invalid_request")
            assert wrong.items() <= pointers(answer).items()
            assert SECRET not in answer.text
    assert door.recorded() == 0


NO_OBJECTS = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b'{"kind": NaN}',
    b'{"a": 1, "a": 2}',
    b"\xff\xfe{}",
    b'{"a": "\xe4"}',
    b'{"a": ' + b"9" * 10_000 + b"}",
    b'{"a": 1e999999999999999999999}',
    b'{"a": Infinity}',
    b'{"a": -Infinity}',
    b'{"a": {"b": 1, "b": 1}}',
    b"\xef\xbb\xbf{}",
    b"{}{}",
    b"{'a': 1}",
    b'{"a": "\n"}',
    '{"a": 1}'.encode("utf-16"),
)


def test_a_body_that_is_no_json_object_is_refused(door: Door, subtests: pytest.Subtests) -> None:
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    headers |= door.bearer("crm_admin")
    for body in NO_OBJECTS:
        with subtests.test(body[:20].decode("latin-1")):
            answer = door.client.post("/v1/customers", content=body, headers=headers)
            assert told(answer) == (400, "malformed_request")


def test_a_body_of_another_kind_or_too_large_is_refused(door: Door) -> None:
    headers = {"Idempotency-Key": "k", **door.bearer("crm_admin")}
    form = door.client.post("/v1/customers", data={"kind": "person"}, headers=headers)
    assert told(form) == (415, "media_type_unsupported")
    headers["Content-Type"] = "application/json"
    large = door.client.post("/v1/customers", content=b" " * (LARGEST_BODY + 1), headers=headers)
    assert told(large) == (413, "body_too_large")
    chunks = (b" " * 65_536 for _ in range(17))
    unannounced = door.client.post("/v1/customers", content=chunks, headers=headers)
    assert told(unannounced) == (413, "body_too_large")
    assert door.recorded() == 0


def test_a_body_that_is_packed_is_refused_unread(door: Door) -> None:
    headers = {"Idempotency-Key": "k", **door.bearer("crm_admin")}
    for packing in ("gzip", "br", "deflate, gzip"):
        packed = {**headers, "Content-Encoding": packing}
        answer = door.client.post("/v1/customers", json=PERSON, headers=packed)
        assert told(answer) == (415, "media_type_unsupported")
    plain = {**headers, "Content-Encoding": "identity"}
    assert door.client.post("/v1/customers", json=PERSON, headers=plain).status_code == 200


def test_a_character_that_is_none_is_refused_where_it_stands(door: Door) -> None:
    for body, wrong in (
        (b'{"profile": {"name": "\\ud800"}}', "/profile/name"),
        (b'{"reason": "\\udfff"}', "/reason"),
        (b'{"\\ud800": 1}', ""),
        (b'{"market": "G\\ud83d"}', "/market"),
    ):
        answer = door.client.post(
            "/v1/customers",
            content=body,
            headers={
                **door.bearer("agent"),
                "Idempotency-Key": "k",
                "Content-Type": "application/json",
            },
        )
        assert told(answer) == (422, "invalid_request")
        assert wrong in pointers(answer)
    assert door.recorded() == 0


def test_a_command_takes_no_query(door: Door) -> None:
    answer = door.post("/v1/customers?dry_run=true", PERSON)
    assert told(answer) == (400, "parameter_unknown")
    assert answer.json()["parameters"] == {"parameter": "dry_run"}
    assert door.recorded() == 0


def test_a_refused_token_or_form_is_told_before_the_body_is_read(door: Door) -> None:
    answer = door.client.post("/v1/customers", content=b"{", headers={"Authorization": "Bearer x"})
    assert told(answer) == (401, "unauthenticated")


def test_what_is_not_there_or_not_allowed_is_a_problem_too(door: Door) -> None:
    assert told(door.get("/nowhere")) == (404, "route_unknown")
    assert told(door.post("/v1/commands/OpenPodBayDoors", {})) == (404, "unknown_command")
    assert told(door.post("/v1/tickets/x/sing", {})) == (404, "route_unknown")
    wrong = door.client.delete("/v1/customers", headers=door.bearer("crm_admin"))
    assert told(wrong) == (405, "method_not_allowed")
    assert wrong.headers["Allow"]


def test_without_a_valid_token_nothing_is_answered(door: Door) -> None:
    for header in (None, "Bearer nonsense", "Bearer", "Basic YTpi", "dossier_x"):
        headers = {"Authorization": header} if header else {}
        answer = door.client.post("/v1/customers", json=PERSON, headers=headers)
        assert told(answer) == (401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_key_is_required_and_has_a_form(door: Door) -> None:
    bearer = door.bearer("crm_admin")
    missing = door.client.post("/v1/customers", json=PERSON, headers=bearer)
    assert told(missing) == (400, "idempotency_key_missing")
    for key in ("a b", "x" * 256, "caf\u00e9"):
        headers = httpx2.Headers({**bearer, "Idempotency-Key": key}, encoding="latin-1")
        answer = door.client.post("/v1/customers", json=PERSON, headers=headers)
        assert told(answer) == (400, "idempotency_key_invalid")


def test_a_key_used_for_another_request_is_refused(door: Door) -> None:
    door.post("/v1/customers", PERSON, key="once")
    recorded = door.recorded()
    other = door.post("/v1/customers", {**PERSON, "market": "DE"}, key="once")
    assert told(other) == (422, "command_reused")
    assert door.recorded() == recorded


def test_an_unknown_customer_is_not_found(door: Door) -> None:
    answer = door.post(f"/v1/customers/{uuid4()}/receive-inquiry", INQUIRY)
    assert told(answer) == (404, "not_found")
    assert told(door.post("/v1/customers/5/receive-inquiry", INQUIRY)) == (422, "invalid_request")
    assert door.recorded() == 0


@pytest.mark.clause("CB-15.2b")
def test_an_erased_customer_is_gone(door: Door) -> None:
    customer = door.customer()
    erase(door.product, customer)
    recorded = door.recorded()
    answer = door.post(f"/v1/customers/{customer}/receive-inquiry", INQUIRY)
    assert told(answer) == (410, "customer_erased")
    assert answer.json()["clause"] == "CB-15.2b"
    assert door.recorded() == recorded


def test_what_has_not_happened_yet_is_refused(door: Door) -> None:
    ahead = (now() + timedelta(hours=1)).isoformat()
    answer = door.post("/v1/customers", {**PERSON, "at": ahead})
    assert told(answer) == (422, "future_fact")
    assert door.recorded() == 0


def test_a_text_postgres_cannot_hold_is_refused_by_field(door: Door) -> None:
    for name in ("reason", "source_ref"):
        answer = door.post("/v1/customers", {**PERSON, name: "a\0b"})
        assert (answer.status_code, list(pointers(answer))) == (422, [f"/{name}"])
    assert door.recorded() == 0


def test_refusals_are_told_in_chinese_to_whoever_prefers_it(door: Door) -> None:
    answer = door.post("/v1/customers", {}, Accept_Language="zh-CN,zh;q=0.9,en;q=0.5")
    assert (told(answer), answer.headers["Content-Language"]) == ((422, "invalid_request"), "zh")
    assert (answer.json()["detail"], answer.json()["errors"][0]["detail"]) == (
        "请求内容不符合要求。",
        "必填",
    )


@pytest.fixture
def without_database(database: str) -> Callable[[bool], None]:
    """Takes the database away, and gives it back."""
    name = database.rpartition("/")[2]

    def take(gone: bool) -> None:
        with psycopg.connect(database.removesuffix(name) + "postgres", autocommit=True) as admin:
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {not gone}")
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )

    return take


def test_a_database_that_is_down_is_told_and_work_goes_on_when_it_is_back(
    door: Door, without_database: Callable[[bool], None]
) -> None:
    door.customer()
    without_database(True)
    answer = door.post("/v1/customers", PERSON, key="patient")
    assert told(answer) == (503, "database_unavailable")
    assert answer.headers["Retry-After"]
    ready = door.client.get("/readyz")
    assert (ready.status_code, ready.json()["database"]) == (503, False)
    assert door.client.get("/livez").status_code == 200
    without_database(False)
    again = door.post("/v1/customers", PERSON, key="patient")
    assert (again.status_code, door.client.get("/readyz").json()["ready"]) == (200, True)
    with door.product.record.connection() as connection:
        row = connection.execute(
            "SELECT count(*) FROM es.streams WHERE kind NOT IN"
            " ('policy', 'calendar', 'service_calendars')"
        ).fetchone()
    assert row == (2,)


def test_nothing_that_was_sent_is_in_the_log(
    door: Door, tmp_path: Path, without_database: Callable[[bool], None]
) -> None:
    file = tmp_path / "dossier.log"
    before = logging.getLogger().handlers[:]
    configure(file)
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # the test's own side
    try:
        person = {**PERSON, "profile": {"name": SECRET}}
        door.post("/v1/customers", person)
        door.post("/v1/customers", {**person, "kind": SECRET, SECRET: SECRET})
        door.get(f"/v1/customers/{uuid4()}", purpose=SECRET)
        without_database(True)
        door.post("/v1/customers", person)
        without_database(False)
    finally:
        for handler in logging.getLogger().handlers[:]:
            logging.getLogger().removeHandler(handler)
            handler.close()
        for handler in before:
            logging.getLogger().addHandler(handler)
    log = file.read_text()
    assert "command.handled" in log and "http.answered" in log and "http.unavailable" in log
    assert SECRET not in log and SECRET.split()[1] not in log
