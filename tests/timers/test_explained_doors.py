"""Why a promise is due when it is, asked over HTTP and at a terminal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from infra.identity.tokens import Grant, issue
from tests.cli.terminal import Terminal
from tests.http.door import Door


def promises(door: Door, ticket: UUID) -> list[dict[str, Any]]:
    door.show()
    found: list[dict[str, Any]] = door.get(f"/v1/tickets/{ticket}").json()["timers"]
    return found


@pytest.mark.parametrize(("language", "word"), [("en", "It is due at "), ("zh", "到期时间为 ")])
def test_over_http_it_is_data_and_words(door: Door, language: str, word: str) -> None:
    ticket = door.ticket()
    (timer,) = promises(door, ticket)
    headers = {**door.bearer("crm_admin"), "Accept-Language": language}
    answer = door.client.get(f"/v1/timers/{timer['timer']}/explanation", headers=headers)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["case"], shown["metric"]) == (str(ticket), "first_response")
    assert instant(shown["due_at"]) == instant(timer["due_at"])
    counted = [s["counted_seconds"] for s in shown["stretches"]]
    assert sum(counted) == shown["allowed_seconds"] == shown["stretches"][-1]["so_far_seconds"]
    ends = [s["end"] for s in shown["stretches"]]
    assert [s["start"] for s in shown["stretches"]] == [shown["started_at"], *ends[:-1]]
    assert any(line.startswith(word) for line in shown["says"])
    assert answer.headers["Content-Language"] == language


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_what_is_no_timer_is_not_found(door: Door) -> None:
    ticket = door.ticket()
    door.show()
    for nothing in (uuid4(), ticket):
        answer = door.get(f"/v1/timers/{nothing}/explanation")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert door.get("/v1/timers/nothing/explanation").status_code == 422


def test_one_of_another_market_is_not_found_and_the_answer_tells_nothing(door: Door) -> None:
    (timer,) = promises(door, door.ticket())
    grant = Grant(actor="cn-agent", roles=["agent"], markets=["CN"])
    token = issue(door.product.record.connection, grant).token
    headers = {"Authorization": f"Bearer {token}"}
    answers = [
        door.client.get(f"/v1/timers/{id}/explanation", headers=headers)
        for id in (timer["timer"], str(uuid4()))
    ]
    assert {answer.status_code for answer in answers} == {404}
    details = [a.json()["detail"].split()[:4] for a in answers]
    assert details[0] == details[1]


def test_at_a_terminal_by_timer_or_by_case(at_terminal: Terminal) -> None:
    body = {"customer_id": str(at_terminal.customer()), "channel": "email", "text": "Where?"}
    case = at_terminal.sends("ReceiveInquiry", body)["ids"]["ticket"]
    by_case = at_terminal.types("sla", "explain", case)
    assert (by_case.code, by_case.err) == (0, "")
    assert "first_response" in by_case.out
    assert "It is due at " in by_case.out
    timer = json.loads(at_terminal.types("sla", "explain", case, "--json").out)["timer"]
    assert at_terminal.types("projections", "run").code == 0
    chinese = at_terminal.types("sla", "explain", timer, "--lang", "zh")
    assert (chinese.code, chinese.err) == (0, "")
    assert "到期时间为 " in chinese.out


@pytest.mark.parametrize("words", [("nothing",), (str(uuid4()),), ()])
def test_what_is_neither_is_told_in_one_line(at_terminal: Terminal, words: tuple[str, ...]) -> None:
    said = at_terminal.types("sla", "explain", *words)
    assert (said.code, said.out) == (1, "")
    assert said.one_line.startswith("dossier: ")
