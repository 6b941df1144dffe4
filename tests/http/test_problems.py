"""Every problem can be looked up where its `type` points, by people and by programs."""

from __future__ import annotations

import re

import pytest
from starlette.requests import Request

from infra.http.answers import OF_STATUS
from infra.http.page import wants_page
from infra.http.problems import described, every_problem
from infra.messages import LANGUAGES
from infra.messages.catalogue import sentences
from infra.problem import FAULTS
from tests.http.door import PERSON, Door
from tests.messages.test_catalogue import refusals

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_every_refusal_and_every_fault_has_a_page_in_both_languages(door: Door) -> None:
    codes = {kind.code for kind in refusals()} | {code for _, code, _ in FAULTS}
    codes |= set(OF_STATUS.values()) | {"internal_error"}
    for language in LANGUAGES:
        headers = {"Accept-Language": language, "Accept": BROWSER}
        listed = door.client.get("/problems", headers=headers)
        for code in sorted(codes):
            answer = door.client.get(f"/problems/{code}", headers=headers)
            assert answer.status_code == 200, code
            assert answer.headers["content-type"] == "text/html; charset=utf-8"
            assert answer.headers["Content-Language"] == language
            assert f'lang="{language}"' in answer.text
            assert f'href="/problems/{code}"' in listed.text


def test_a_problem_is_described_alike_to_a_program(door: Door) -> None:
    answer = door.client.get("/problems/customer_erased")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["Vary"] == "Accept, Accept-Language"
    told = answer.json()
    assert (told["status"], told["clause"]) == (410, "CB-15.2b")
    assert told["type"] == "/problems/customer_erased"
    assert told["advice"].startswith("Stop asking")
    chinese = door.client.get("/problems/customer_erased", headers={"Accept-Language": "zh"}).json()
    assert chinese["title"] == "已删除" and not chinese["advice"].isascii()
    every = door.client.get("/problems").json()["items"]
    assert told in every
    assert [problem["code"] for problem in every] == sorted({p["code"] for p in every})


def test_the_type_of_a_problem_leads_to_its_page(door: Door) -> None:
    problems = [
        door.get("/nowhere"),
        door.post("/v1/customers", {}),
        door.client.get("/v1/customers"),
        door.get("/v1/customers/00000000-0000-0000-0000-000000000000"),
        door.client.post("/v1/customers", content=b"{", headers=door.bearer("agent")),
        door.client.delete("/v1/customers"),
    ]
    for problem in problems:
        told = problem.json()
        page = door.client.get(told["type"]).json()
        assert (page["code"], page["status"]) == (told["code"], problem.status_code)
        assert page["title"] == told["title"]
        assert page["clause"] == told.get("clause")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_says_what_the_caller_can_do(language: str) -> None:
    english, other = sentences("en")["advice"], sentences("zh")["advice"]
    assert set(english) == set(other)
    assert all(text.isascii() for text in english.values())
    assert not any(text.isascii() for text in other.values())
    for problem in every_problem("en"):
        assert problem.advice and problem.detail
    codes = {problem.code for problem in every_problem("en")}
    assert {key for key in english if not key.isdigit()} - codes == {"none"}


def test_what_is_only_told_on_the_command_line_has_no_status() -> None:
    assert described("import_file_missing", "en").status is None
    assert described("role_not_allowed", "en").status == 403


def test_there_is_no_page_for_what_is_no_problem(door: Door) -> None:
    for code in ("refused", "nothing", "x" * 3000, "%00", "%F0%9F%98%80", "<b>"):
        answer = door.client.get(f"/problems/{code}", headers={"Accept": BROWSER})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert len(answer.json()["detail"]) < 200
    extra = door.client.get("/problems?lang=zh")
    assert (extra.status_code, extra.json()["code"]) == (400, "parameter_unknown")


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        (None, False),
        ("*/*", False),
        (BROWSER, True),
        ("text/html", True),
        ("application/json", False),
        ("text/html;q=0.2, application/json;q=0.1", True),
        ("text/html;q=0.2, */*;q=0.5", False),
        ("text/*, application/json;q=0", True),
        ("text/html;q=0", False),
        ("image/png", False),
        ("text/html;q=nonsense, ,;,q=1", False),
        ("TEXT/HTML ; q=1.0", True),
    ],
)
def test_a_page_is_for_who_prefers_one(accept: str | None, html: bool) -> None:
    headers = [] if accept is None else [(b"accept", accept.encode())]
    assert wants_page(Request({"type": "http", "headers": headers})) is html


def test_no_page_fetches_anything_or_runs_a_script(door: Door) -> None:
    door.post("/v1/customers", PERSON)
    for path in ("/docs", "/problems", "/problems/conflict"):
        answer = door.client.get(path, headers={"Accept": BROWSER})
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "<script" not in answer.text.lower()
        assert not re.search(r"\bon[a-z]+\s*=", answer.text.lower().partition("<body>")[0])
        loaded = re.findall(r"""(?:src|srcset|data|action)\s*=\s*["']?([^"'\s>]+)""", answer.text)
        assert loaded == []
        links = re.findall(r"""href\s*=\s*["']?([^"'\s>]+)""", answer.text)
        assert links and all(link.startswith(("/", "#")) for link in links)
        assert not any(link.startswith("//") for link in links)
        assert not re.search(r"@import|url\(|<link|<iframe|<img|<object|<embed", answer.text)
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
