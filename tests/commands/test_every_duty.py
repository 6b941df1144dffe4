"""Every cadence row that can run: its period is opened and the duty done, by commands.

Noon of a Monday in London, 2 March 2026; every shipped policy is awake.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from commands.customer.register_customer import RegisterCustomer
from commands.duty.open_duty_period import OpenDutyPeriod
from commands.duty.perform_duty import PerformDuty
from domain.duty.events import DutyPerformed, DutyPeriodOpened
from domain.policy.cadence import CadenceRule, Per, read_cadences
from domain.terms import CollectionSource
from infra.policies import DORMANT, DRAFTS, PACKS, policy_document, shipped_rulebook
from tests.commands.office import NOON, Office

RULES: Mapping[str, CadenceRule] = {
    rule.id: replace(rule, pack=replace(rule.pack, active=True))
    for policy in (*PACKS, *DORMANT, *DRAFTS)
    for rule in read_cadences(policy_document(policy))
}
ZONE = ZoneInfo("Asia/Shanghai")
"""Of the home calendar, by which a duty of the whole organisation is counted."""
PERIODS = {
    "P1W": ((2026, 3, 2), (2026, 3, 9)),
    "P1M": ((2026, 3, 1), (2026, 4, 1)),
    "P3M": ((2026, 1, 1), (2026, 4, 1)),
    "P6M": ((2026, 1, 1), (2026, 7, 1)),
    "P12M": ((2026, 1, 1), (2027, 1, 1)),
}


def midnight(day: tuple[int, int, int]) -> datetime:
    return datetime(*day, tzinfo=ZONE).astimezone(UTC)


@pytest.fixture
def awake() -> Office:
    return Office(replace(shipped_rulebook(), rules=(), cadences=list(RULES.values())))


def whose(rule: CadenceRule, office: Office) -> str | None:
    if rule.per is Per.CUSTOMER:
        command = RegisterCustomer(collection_source=CollectionSource.PLATFORM_BACKEND)
        return str(office.ask(command).ids["customer"])
    return "kim" if rule.per is Per.PERSON else None


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(rule, id=rule.id, marks=pytest.mark.clause(rule.clause))
        for rule in RULES.values()
        if rule.starts
    ],
)
def test_its_period_is_opened_and_it_is_done(rule: CadenceRule, awake: Office) -> None:
    opening = OpenDutyPeriod(policy=rule.pack.name, rule=rule.id, on=NOON, whose=whose(rule, awake))
    duty = awake.ask(opening, role="system").ids["duty"]
    [opened] = awake.on_record(duty, DutyPeriodOpened)
    first, after = PERIODS[str(rule.every)]
    assert (opened.clause, opened.duty, opened.role) == (rule.clause, rule.duty, rule.role)
    assert (opened.period_start, opened.period_end) == (midnight(first), midnight(after))
    assert opened.due_at == opened.period_end
    awake.now += timedelta(hours=1)
    for _ in range(rule.times):
        awake.ask(PerformDuty(duty_id=duty, what="done"), role=rule.role)
    assert len(awake.on_record(duty, DutyPerformed)) == rule.times


def test_those_that_cannot_run_say_why_or_have_no_number() -> None:
    rest = [rule for rule in RULES.values() if not rule.starts]
    assert {rule.id for rule in rest if rule.inactive is None} == {"rr-q-14"}
