"""Duties to test with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from domain.policy.cadence import CadenceRule, read_cadence
from domain.policy.deadline import Pack
from domain.policy.rulebook import Rulebook
from tests.domain.promises import BEIJING, GREENWICH

PACK = Pack(id="house", version=2, says="House rules", zh="内部规则", approved_by=["kim"])
MONTHLY: dict[str, Any] = {
    "id": "h-1",
    "clause": "CB-8.1b",
    "says": "Once a month data are checked.",
    "zh": "每月核查。",
    "duty": "monthly_customer_data_check",
    "every": {"months": 1},
    "role": "crm_admin",
    "warn": {"before_days": 5},
}
FEBRUARY, MARCH, APRIL = (datetime(2026, month, 1, tzinfo=UTC) for month in (2, 3, 4))


def row(**other: Any) -> CadenceRule:
    return read_cadence(MONTHLY | other, PACK)


def rulebook(*rows: CadenceRule) -> Rulebook:
    return Rulebook(cadences=rows, calendars={"GB": GREENWICH, "CN": BEIJING}, home="GB")
