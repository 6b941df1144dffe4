"""Questions that make no sense are told by name, on every address, and change nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx2
import pytest

from infra.http.app import application
from tests.http.door import Door
from tests.http.test_bad_input import told, without_database

__all__ = ["without_database"]
SOMEBODY = "01994f3c-7a10-7000-8000-000000000001"
NONSENSE = ("\0", "\U0001f600", "' OR 1=1 --", "x" * 3000, "1e400", "-1")
EVERYWHERE = ("limit", "after", "min_position", "wait_ms")
"""Parameters that are read alike at every address."""


def questions() -> dict[str, dict[str, Any]]:
    """Every address that can be asked, with an id where it takes one; its parameters by name."""
    book = application(None, None).openapi()  # type: ignore[arg-type]
    found = {}
    for path, item in book["paths"].items():
        if "get" not in item:
            continue
        parameters = {p["name"]: p for p in item["get"]["parameters"]}
        address = path.replace("{scheme}", "retail").replace("{tier}", "core")
        address = address.replace("{code}", "conflict")
        for name in parameters:
            address = address.replace(f"{{{name}}}", SOMEBODY)
        found[address] = {n: p for n, p in parameters.items() if p["in"] == "query"}
    return found


QUESTIONS = questions()
PROTECTED = [path for path in QUESTIONS if path.startswith("/v1/")]


def test_there_are_as_many_questions_as_this_file_believes() -> None:
    assert len(PROTECTED) >= 13
    assert all(path.startswith("/v1/") or not wanted for path, wanted in QUESTIONS.items())


def test_an_unknown_or_repeated_parameter_is_told_everywhere(
    door: Door, subtests: pytest.Subtests
) -> None:
    for path, parameters in QUESTIONS.items():
        with subtests.test(path):
            for name in ("asof", "", "Limit", "limit ", "x" * 500, "\U0001f600", "\0"):
                answer = door.get(f"{path}?{quote(name)}=1")
                assert told(answer) == (400, "parameter_unknown")
            for name in parameters:
                answer = door.get(f"{path}?{name}=1&{name}=2")
                assert told(answer) == (400, "parameter_repeated")
    assert door.recorded() == 0


def test_nonsense_in_any_parameter_is_told_and_never_a_defect(
    door: Door, subtests: pytest.Subtests
) -> None:
    door.show()
    known = door.customer()
    door.show()
    recorded = door.recorded()
    for path, parameters in QUESTIONS.items():
        address = path.replace(SOMEBODY, str(known))
        for name in parameters:
            if name in EVERYWHERE and path != "/v1/tickets":
                continue
            with subtests.test(f"{path} {name}"):
                for value in NONSENSE:
                    answer = door.get(f"{address}?{name}={quote(value)}")
                    assert answer.status_code in (200, 400, 404, 422), answer.text
                    if answer.status_code != 200:
                        told(answer)
    assert door.recorded() == recorded


def test_before_anything_is_arranged_for_reading_the_caller_is_told_to_wait(door: Door) -> None:
    for path in ("/v1/tiers", "/v1/customers", "/v1/tickets", f"/v1/customers/{SOMEBODY}"):
        answer = door.get(path)
        assert told(answer) == (503, "projection_behind")
        assert answer.headers["Retry-After"] == "1"
    door.show()
    assert door.get("/v1/customers").status_code == 200


MOMENTS = (
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-03-02T12:00:00",
    "2026-02-30T12:00:00Z",
    "yesterday",
    "1e20",
    "-99999999999999",
    "99999999999999999999",
)


def test_moments_at_the_ends_of_time_are_answered_or_told(door: Door) -> None:
    door.customer()
    door.ticket()
    door.show()
    for path in ("/v1/breaches?as_of={}", f"/v1/customers/{door.customer()}/history?at={{}}"):
        door.show()
        for moment in MOMENTS:
            answer = door.get(path.format(quote(moment)))
            assert answer.status_code in (200, 422), (moment, answer.text)


def test_an_id_that_is_none_is_told(door: Door, subtests: pytest.Subtests) -> None:
    for path in PROTECTED:
        if SOMEBODY not in path:
            continue
        with subtests.test(path):
            for nonsense in ("5", "null", "%00", "x" * 500, "%F0%9F%98%80", SOMEBODY[:-1]):
                answer = door.get(path.replace(SOMEBODY, nonsense))
                assert told(answer) == (422, "invalid_request")
                assert nonsense not in answer.json()["detail"]
    assert door.recorded() == 0


def test_without_a_token_nothing_is_told_of_anything(door: Door) -> None:
    for path in PROTECTED:
        assert told(door.client.get(path)) == (401, "unauthenticated"), path
        assert told(door.client.get(f"{path}?x=1")) == (401, "unauthenticated"), path


def test_a_database_that_is_down_is_told_on_every_address(
    door: Door, without_database: Callable[[bool], None], subtests: pytest.Subtests
) -> None:
    bearer = door.bearer("crm_admin")
    commands = ("/v1/customers", f"/v1/tickets/{uuid4()}/resolve", "/v1/commands/CloseTicket")

    def ask(path: str) -> httpx2.Response:
        return door.client.get(path, headers=bearer)

    def send(path: str) -> httpx2.Response:
        return door.client.post(path, json={}, headers={**bearer, "Idempotency-Key": "k"})

    without_database(True)
    try:
        with ThreadPoolExecutor(len(PROTECTED) + len(commands)) as threads:
            asked = dict(zip(PROTECTED, threads.map(ask, PROTECTED), strict=True))
            sent = dict(zip(commands, threads.map(send, commands), strict=True))
        for path, answer in (asked | sent).items():
            with subtests.test(path):
                assert told(answer) == (503, "database_unavailable")
                assert answer.headers["Retry-After"]
        for path in set(QUESTIONS) - {*PROTECTED, "/readyz"}:
            assert door.client.get(path).status_code == 200, path
    finally:
        without_database(False)
    door.show()
    assert door.get("/v1/tiers").status_code == 200
