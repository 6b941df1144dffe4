"""The acceptance cases, told through ordinary commands and read from events and `sla_timers`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infra.sla_check.checking import check, read

CASES = read(Path(__file__).parent / "sla_cases.yaml")


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_every_case_comes_out_as_it_says(case: dict[str, Any]) -> None:
    assert check(case) == []


@pytest.mark.parametrize("field", sorted({name for case in CASES for name in case["expect"]}))
def test_a_wrong_answer_is_told(field: str) -> None:
    """Each field that is compared at all is compared: what it expects is made wrong."""
    case = next(case for case in CASES if field in case["expect"])
    wrong: dict[str, Any] = {
        "status": "achieved" if case["expect"].get("status") != "achieved" else "active",
        "milestones": {50: "2001-01-01T00:00:00+00:00"},
        "cycles": [{"instance": 99}],
        "error": "none",
    }
    told = wrong.get(field, 99 if "minutes" in field or field == "instance" else None)
    if told is None:
        told = "2001-01-01T00:00:00+00:00"
    assert field in {
        one.field for one in check({**case, "expect": {**case["expect"], field: told}})
    }


def test_a_promised_day_that_was_kept_while_paused_is_told_alike() -> None:
    """Found by comparing with the oracle: rows forgot the day."""
    week = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    case = {
        "id": "paused day",
        "title": "a promised day, kept while waiting",
        "calendar": {"timezone": "Europe/Berlin", "weekly": week, "holidays": []},
        "policy": {
            "metric": "first_response",
            "target": {"working_days": 1, "mode": "end_of_day"},
            "pause_on": ["on_hold"],
        },
        "events": [
            {"at": "2026-06-09T10:00:00+02:00", "event": "ticket_created"},
            {"at": "2026-06-09T11:00:00+02:00", "event": "status_changed", "to": "on_hold"},
            {"at": "2026-06-09T12:00:00+02:00", "event": "agent_reply"},
        ],
        "expect": {"status": "achieved", "due_at": "2026-06-10T18:00:00+02:00"},
    }
    assert check(case) == []
