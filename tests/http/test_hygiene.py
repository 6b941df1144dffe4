"""What every answer carries, what pages never run, and what hostile text cannot do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx2
import psycopg
import pytest

from infra.cli.showing import text
from infra.http.app import application
from infra.http.listening import listening
from tests.http.door import PERSON, Door
from tests.http.test_bad_input import pointers, told
from tests.http.test_lookup import logged
from tests.http.test_pages import EVALUATION

SCRIPT = '<script>alert(1)</script><a href="javascript:alert(2)">x</a>'
HOSTILE = (
    "\u202egnp.exe",  # right to left override
    "a\u200bb",  # zero width space
    "a\u200db\u2060c",  # joiners
    "\u2066ann\u2069",  # isolates
    "a\x1b[31mred\x1b[0m",  # what a terminal would obey
    "a\x07b\x08c",
    "line\u2028line\u2029line",
    "a\rb\nc\x85d",
)


def addresses(door: Door) -> Iterator[httpx2.Response]:
    customer = door.customer()
    door.show()
    for path in (
        f"/v1/customers/{customer}",
        f"/v1/customers/{customer}/history?open=true&purpose=dpv:CustomerCare",
        "/v1/customers",
        "/v1/tickets?limit=0",
        "/v1/customers/nobody",
        "/livez",
        "/readyz",
        "/docs",
        "/openapi.json",
        "/problems",
        "/problems/conflict",
        "/nowhere",
    ):
        yield door.get(path)
        yield door.client.get(path)
    yield door.post("/v1/customers", PERSON)
    yield door.post("/v1/customers", {})
    yield door.client.post("/v1/customers", content=b"x", headers=door.bearer("crm_admin"))
    yield door.client.options("/v1/customers")
    yield door.client.delete("/v1/customers")
    yield door.client.head("/v1/tiers", headers=door.bearer("crm_admin"))


def must_be_safe(answer: httpx2.Response) -> None:
    where = f"{answer.request.method} {answer.request.url}"
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff", where
    assert headers["Content-Security-Policy"].startswith("default-src 'none'"), where
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], where
    assert headers["Referrer-Policy"] == "no-referrer", where
    kept = headers["Cache-Control"]
    assert "no-store" in kept or kept == "private, no-cache", where
    assert "Server" not in headers and "X-Powered-By" not in headers, where
    assert "Strict-Transport-Security" not in headers, where
    for name in ("X-Content-Type-Options", "Cache-Control", "Content-Security-Policy"):
        assert len(headers.get_list(name)) == 1, where


def test_every_answer_says_how_it_is_to_be_handled(door: Door) -> None:
    seen = set()
    for answer in addresses(door):
        must_be_safe(answer)
        seen.add(answer.status_code)
    assert seen >= {200, 204, 401, 404, 405, 415, 422}
    page = door.get(f"/v1/customers/{door.customer()}/history")
    assert page.headers["Cache-Control"] == "no-store"


def test_a_defect_is_answered_with_the_same_care_and_tells_nothing(door: Door) -> None:
    """A column that holds what no projection writes there: reading it as a number fails."""
    customer = door.customer()
    door.post(f"/v1/customers/{customer}/evaluate-tier", EVALUATION)
    door.show()
    assert len(door.get("/v1/tiers").json()["items"]) == 1
    with psycopg.connect(door.product.addresses.database_url) as owner:
        owner.execute(
            "UPDATE read.tier_view SET indicators = %s", (json.dumps({"net_365d": SCRIPT}),)
        )
    answer = door.get("/v1/tiers")
    assert told(answer) == (500, "internal_error")
    must_be_safe(answer)
    assert "script" not in answer.text and answer.headers["X-Trace-Id"]


def test_behind_tls_browsers_are_told_to_stay_there(door: Door) -> None:
    app = application(door.product, door.queue, environment={"DOSSIER_BEHIND_TLS": "1"})
    with listening(app, port=0) as address:
        for path in ("/livez", "/nowhere", "/v1/tiers"):
            said = httpx2.get(f"{address}{path}").headers["Strict-Transport-Security"]
            assert said == "max-age=31536000; includeSubDomains"


@pytest.mark.case("AC-22")
def test_no_page_shows_what_was_sent_as_html_or_runs_a_script(door: Door) -> None:
    browser = {"Accept": "text/html"}
    for path in (
        f"/problems/{quote(SCRIPT, safe='')}",
        f"/docs?{quote(SCRIPT, safe='')}=1",
        f"/{quote(SCRIPT, safe='')}",
        f"/v1/customers/{quote(SCRIPT, safe='')}",
    ):
        answer = door.client.get(path, headers=browser | door.bearer("agent"))
        assert answer.status_code >= 400
        assert answer.headers["Content-Type"] == "application/problem+json"
        json.loads(answer.text)
        must_be_safe(answer)
    for path in ("/docs", "/problems", "/problems/conflict"):
        answer = door.client.get(path, headers=browser)
        assert answer.headers["Content-Type"].startswith("text/html")
        assert re.findall(r"<script|<iframe|<img|<link|javascript:|\son\w+=", answer.text) == []
        assert set(re.findall(r'(?:src|href)="([a-z]+:)', answer.text)) == set()
        must_be_safe(answer)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_codes_take_no_character_that_nobody_sees(door: Door, hostile: str) -> None:
    ticket = door.ticket()
    before = door.recorded()
    answer = door.post(f"/v1/tickets/{ticket}/assign", {"owner": hostile})
    assert pointers(answer) == {"/owner": "string_pattern_mismatch"}
    answer = door.post("/v1/customers", {**PERSON, "profile": {"email": f"{hostile}@x.org"}})
    assert pointers(answer) == {"/profile/email": "invisible_character"}
    assert hostile not in answer.text
    assert told(door.get("/v1/tickets", owner=hostile)) == (422, "invalid_request")
    assert door.recorded() == before


def test_names_keep_every_character_and_show_none_of_them_on_a_terminal_or_in_the_log(
    door: Door, tmp_path: Path
) -> None:
    file = tmp_path / "dossier.log"
    with logged(file):
        for hostile in HOSTILE:
            body = {**PERSON, "profile": {"name": hostile}, "reason": "as told"}
            answer = door.post("/v1/customers", body)
            assert answer.status_code == 200, answer.text
            customer = answer.json()["ids"]["customer"]
            door.show()
            shown = door.get(
                f"/v1/customers/{customer}/history", open="true", purpose="dpv:CustomerCare"
            )
            values = [v for f in shown.json()["items"] for v in (f["sealed"] or {}).values()]
            assert hostile in values
            assert all(c.isprintable() or c == "\n" for c in text(hostile))
            door.get("/v1/tickets", **{hostile: hostile})
            door.client.get("/" + quote(hostile), headers={"X-Trace": "x"})
    for line in file.read_text("utf-8").split("\n")[:-1]:
        assert line.isascii() and line.isprintable(), line
        json.loads(line)
