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
