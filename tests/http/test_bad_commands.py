"""At every address that takes a command, what is wrong is told by name and nothing is recorded."""

from __future__ import annotations

import socket
from time import monotonic, sleep
from urllib.parse import urlsplit

import httpx2
import pytest
from structlog.testing import capture_logs

from infra.http.commands import Place, places
from infra.http.examples import NAMED, example_of, identity
from tests.http.door import Door
from tests.http.story import role_for
from tests.http.test_bad_input import pointers, told

EVERY = list(places())


def address(place: Place, given: str | None = None) -> str:
    name = place.field or ""
    return place.path.replace(f"{{{name}}}", given or identity(name))


def send(door: Door, place: Place, content: bytes, **headers: str | None) -> httpx2.Response:
    sent = {
        **door.bearer(role_for(place)),
        "Idempotency-Key": f"key-{next(door.keys)}",
        "Content-Type": "application/json",
    }
    sent |= {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
    for name in (name.replace("_", "-") for name, value in headers.items() if value is None):
        del sent[name]
    return door.client.post(address(place), content=content, headers=sent)


def test_every_address_tells_what_is_wrong_and_records_nothing(
    door: Door, subtests: pytest.Subtests
) -> None:
    unknown = b'{"nonsense": 1}'
    for place in EVERY:
        with subtests.test(place.path):
            answer = send(door, place, unknown)
            assert told(answer) == (422, "invalid_request")
            assert pointers(answer)["/nonsense"] == "extra_forbidden"
            if place.field is None:
                continue
            assert told(send(door, place, unknown, Authorization=None))[0] == 401
            kept = send(door, place, unknown, Idempotency_Key=None)
            assert told(kept) == (400, "idempotency_key_missing")
            form = send(door, place, b"a=1", Content_Type="application/x-www-form-urlencoded")
            assert told(form) == (415, "media_type_unsupported")
            assert told(send(door, place, b"[]")) == (400, "malformed_request")
            stale = send(door, place, unknown, If_Match="W/17")
            assert told(stale) == (400, "expectation_invalid")
    assert door.recorded() == 0


def test_every_address_tells_that_an_id_is_none(door: Door) -> None:
    for place in EVERY:
        if place.field is None or place.field in NAMED:
            continue
        for nonsense in ("5", "%00", "x" * 500, "%F0%9F%98%80"):
            answer = door.post(address(place, nonsense), {}, role=role_for(place))
            assert told(answer) == (422, "invalid_request"), place.path
            assert f"/{place.field}" in pointers(answer)
    assert door.recorded() == 0


def test_a_role_that_may_not_ask_is_told_so_everywhere(door: Door) -> None:
    for place in EVERY:
        body = {n: v for n, v in example_of(place.command).items() if n != place.field}
        answer = door.post(address(place), body, role="auditor")
        assert told(answer) == (403, "role_not_allowed"), place.path
    assert door.recorded() == 0


def test_a_caller_who_goes_away_in_the_middle_is_no_defect(door: Door) -> None:
    host = urlsplit(str(door.client.base_url))
    bearer = door.bearer("crm_admin")["Authorization"]
    with capture_logs() as log:
        with socket.create_connection((host.hostname or "", host.port or 0)) as line:
            line.sendall(
                f"POST /v1/customers HTTP/1.1\r\nHost: x\r\nAuthorization: {bearer}\r\n"
                "Idempotency-Key: k\r\nContent-Type: application/json\r\n"
                "Content-Length: 100\r\n\r\n{".encode()
            )
        end = monotonic() + 20
        while not [entry for entry in log if entry.get("route") == "/v1/customers"]:
            assert monotonic() < end, log
            sleep(0.01)
    assert [entry["event"] for entry in log if entry["log_level"] == "error"] == []
    assert door.recorded() == 0
