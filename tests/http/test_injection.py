"""Payloads in every place a request has: refused or nothing found, and never part of a statement.

The database server of this test logs every statement it runs, with parameters and without.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from infra.home import Home
from infra.http.commands import places
from infra.http.openapi import example
from infra.record.migrate import migrate
from infra.servers import postgres
from tests.http.door import Door, opened
from tests.http.story import role_for
from tests.http.test_bad_questions import EVERYWHERE, QUESTIONS, SOMEBODY

MARK = "zqxj"
PAYLOADS = (
    f"') OR 1=1 -- {MARK}",
    f"'; DROP TABLE read.customers; -- {MARK}",
    f"1; SELECT pg_sleep(5) -- {MARK}",
    f"' || pg_sleep(5) || '{MARK}",
    f"\\' OR 1=1 {MARK}",
    f"\u2019 OR \u20181\u2019=\u20181 {MARK}",
    f"\uff07 OR 1=1 {MARK}",
    f"%27%20OR%201=1 {MARK}",
    f"x' UNION SELECT token_sha256 FROM keys.credential -- {MARK}",
    f"$${MARK}$$",
    f"%(limit)s {MARK}",
    f"{{0.__class__}} {MARK}",
    f"../../etc/passwd {MARK}",
    f"{MARK}\0",
)
LOGGED = {
    "log_statement": "all",
    "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "-1",
    "log_min_error_statement": "error",
    "log_min_messages": "warning",
    "fsync": "off",
}
PARAMETERS = ("DETAIL:", "detail:")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "statements.log"


@pytest.fixture
def door(home: Home, redis_url: str, log: Path, tmp_path: Path) -> Iterator[Door]:
    server = postgres.start(tmp_path / "pg", log, LOGGED)
    try:
        migrate(server.url())
        with opened(home, server.url(), redis_url) as door:
            door.customer()
            door.ticket()
            door.show()
            yield door
    finally:
        server.stop()


def statements(log: Path) -> list[str]:
    """Lines of the log that are no parameters; a statement of several lines is several."""
    lines = log.read_text("utf-8", errors="replace").splitlines()
    return [line for line in lines if not any(mark in line for mark in PARAMETERS)]


@pytest.mark.case("AC-13")
def test_no_payload_is_taken_for_sql_at_any_address(
    door: Door, log: Path, subtests: pytest.Subtests
) -> None:
    role = door.bearer("crm_admin")
    before, slowest, asked = door.recorded(), 0.0, 0

    def must_be_harmless(method: str, address: str, **more: Any) -> None:
        nonlocal slowest, asked
        begun = time.perf_counter()
        answer = door.client.request(method, address, **more)
        slowest, asked = max(slowest, time.perf_counter() - begun), asked + 1
        assert answer.status_code < 500, (address, answer.text)
        if answer.status_code == 200 and "items" in answer.json():
            assert answer.json()["items"] == [], address
        else:
            assert answer.status_code != 200 or MARK in answer.text or "/problems" in address

    for address, parameters in QUESTIONS.items():
        with subtests.test(address):
            for payload in PAYLOADS:
                sent = quote(payload, safe="")
                for name in (*parameters, "sort"):
                    if name in EVERYWHERE and address != "/v1/tickets":
                        continue
                    must_be_harmless("GET", f"{address}?{name}={sent}", headers=role)
                must_be_harmless("GET", f"{address}?{sent}=1", headers=role)
                for part in (SOMEBODY, "conflict", "retail", "core"):
                    if f"/{part}" in address:
                        path = address.replace(f"/{part}", f"/{sent}")
                        must_be_harmless("GET", path, headers=role)
    commands = [place for place in places() if place.field is not None]
    for place in commands:
        with subtests.test(place.path):
            payload = PAYLOADS[asked % len(PAYLOADS)]
            headers = {**door.bearer(role_for(place)), "Idempotency-Key": f"k{asked}"}
            path = place.path.replace(f"{{{place.field}}}", quote(payload, safe=""))
            must_be_harmless("POST", path, json=example(place), headers=headers)
            path = place.path.replace(f"{{{place.field}}}", SOMEBODY)
            body = dict.fromkeys(example(place), payload) | {payload: payload}
            must_be_harmless("POST", path, json=body, headers=headers)
    for kind in ("email", "phone", "name", PAYLOADS[0]):
        for payload in PAYLOADS:
            body = {"kind": kind, "value": payload, "purpose": "dpv:CustomerCare"}
            must_be_harmless("POST", "/v1/customers/lookup", json=body, headers=role)
    must_be_harmless("POST", "/v1/commands/" + quote(PAYLOADS[1], safe=""), json={}, headers=role)
    assert asked > 900 and slowest < 1.0
    assert door.recorded() == before

    lines = statements(log)
    assert len(lines) > 900
    assert [line for line in lines if MARK in line] == []
    with psycopg.connect(door.product.addresses.database_url, autocommit=True) as connection:
        connection.execute(f"SELECT 1 -- {MARK} planted".encode())
    assert len([line for line in statements(log) if MARK in line]) == 1
