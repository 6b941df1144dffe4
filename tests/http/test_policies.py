"""Policies over HTTP: the list of versions, and a publication in the hands of three."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from infra.policies import DRAFTS, POLICIES
from infra.product import now
from tests.http.door import Door

PLACE = "/v1/policies/house_rules"
ROW: dict[str, Any] = {
    "id": "house-1",
    "clause": "CB-10.1a",
    "says": "An inquiry is answered within half an hour.",
    "zh": "30分钟内响应。",
    "metric": "first_response",
    "trigger": "InquiryReceived",
    "fulfilled_by": "FirstResponseSent",
    "target": {"working_minutes": 30},
}
DRAFT = {"says": "Our own", "zh": "自有", "deadline": [ROW]}


def test_what_ships_is_listed_as_approved_by_no_person(door: Door) -> None:
    door.show()
    pages = door.walk("/v1/policies", limit=3)
    listed = [row for page in pages for row in page]
    assert [row["policy_id"] for row in listed] == sorted((*POLICIES, *DRAFTS))
    assert len(pages) > 1
    states = {row["policy_id"]: row["state"] for row in listed}
    assert states == dict.fromkeys(POLICIES, "shipped") | dict.fromkeys(DRAFTS, "draft")
    assert {row["approved_by"] for row in listed} == {None}
    in_force = door.get("/v1/policies", on="2001-01-01", limit=100).json()["items"]
    assert {row["policy_id"] for row in in_force} == set(POLICIES)


@pytest.mark.clause("RR-T-0b", "OS-A8b")
def test_a_policy_is_published_in_the_hands_of_three(door: Door) -> None:
    tomorrow = (now() + timedelta(days=1)).date().isoformat()
    publication = {"effective_day": tomorrow, "change_record": "Half an hour"}
    assert door.post(f"{PLACE}/draft", DRAFT).status_code == 200
    for step, role, code in (
        ("approve", "management", "policy_not_reviewed"),
        ("publish", "management", "policy_not_reviewed"),
        ("review", "agent", "role_not_allowed"),
    ):
        body = publication if step == "publish" else {}
        assert door.post(f"{PLACE}/{step}", body, role=role).json()["code"] == code
    assert door.post(f"{PLACE}/review", {}, role="compliance_officer").status_code == 200
    assert door.post(f"{PLACE}/approve", {}, role="management").status_code == 200
    assert door.post(f"{PLACE}/publish", publication).status_code == 200
    door.show()
    (row,) = door.get("/v1/policies", policy_id="house_rules").json()["items"]
    assert (row["state"], row["effective_day"]) == ("published", tomorrow)
    assert (row["reviewed_by"], row["approved_by"]) == ("a-compliance_officer", "a-management")
    today = now().date().isoformat()
    assert door.get("/v1/policies", policy_id="house_rules", on=today).json()["items"] == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"trigger": "SunRisen"}, "row_event_unknown"),
        ({"target": {"working_minutes": -1}}, "limit_not_positive"),
        ({"target": {"working_minutes": 0.5}}, "invalid_request"),
        ({"escalate": [{"after_minutes": 0, "to": "wizard"}]}, "row_role_unknown"),
        ({"when": {"tier": ["gold"]}}, "condition_unknown"),
        ({"when": 7}, "row_malformed"),
        ({"warn": []}, "row_malformed"),
        ({"target": [[[[[[1]]]]]]}, "invalid_request"),
    ],
)
def test_a_bad_row_is_refused_and_nothing_is_recorded(
    door: Door, change: dict[str, Any], code: str
) -> None:
    answer = door.post(f"{PLACE}/draft", {**DRAFT, "deadline": [{**ROW, **change}]})
    assert answer.status_code in (409, 422), answer.text
    assert answer.json()["code"] == code
    assert door.recorded() == 0


def test_half_a_character_is_refused_by_name(door: Door) -> None:
    """JSON may spell a lone surrogate; no text in UTF-8 can hold it."""
    body = json.dumps({**DRAFT, "deadline": [{**ROW, "reading": "\ud800"}]}).encode()
    headers = {"Idempotency-Key": "half", "Content-Type": "application/json"}
    answer = door.client.post(
        f"{PLACE}/draft", content=body, headers={**headers, **door.bearer("crm_admin")}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/deadline/0"]
    assert door.recorded() == 0
