"""Duties through the record: opened, performed, missed; and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from commands.customer.register_customer import RegisterCustomer
from commands.duty.note_duty_missed import NoteDutyMissed
from commands.duty.open_duty_period import OpenDutyPeriod
from commands.duty.perform_duty import PerformDuty
from domain.duty.events import DutyMissed, DutyPerformed, DutyPeriodOpened
from domain.duty.refusals import (
    DutyOfAnotherRole,
    DutyPerformedAlready,
    DutyPeriodNotBegun,
    NoSuchDuty,
)
from domain.refusal import FutureFact, NotFound, Refused
from domain.terms import CollectionSource
from infra.dispatch import RoleNotAllowed
from tests.commands.office import NOON, Office
from tests.domain.duties import APRIL, FEBRUARY, MARCH, row, rulebook

ROWS = (
    row(),
    row(id="h-2", per="customer", duty="tier_care", role="agent"),
    row(id="h-3", per="market", duty="market_review"),
    row(id="h-4", inactive="Not yet."),
)
DAY = timedelta(days=1)


@pytest.fixture
def house() -> Office:
    return Office(rulebook(*ROWS))


def begun(house: Office, rule: str = "h-1", whose: str | None = None) -> UUID:
    command = OpenDutyPeriod(policy="house@2", rule=rule, on=NOON, whose=whose)
    return house.ask(command, role="system").ids["duty"]


def test_the_period_of_a_moment_is_opened_once(house: Office) -> None:
    duty = begun(house)
    assert begun(house) == duty
    (period,) = house.on_record(duty, DutyPeriodOpened)
    assert (period.period_start, period.period_end, period.at) == (MARCH, APRIL, MARCH)
    assert house.header(duty, "DutyPeriodOpened").subject == duty


def test_it_is_done_by_whose_duty_it_is_once(house: Office) -> None:
    duty = begun(house)
    done = PerformDuty(duty_id=duty, what="report_3")
    with pytest.raises(DutyOfAnotherRole):
        house.ask(done, role="agent")
    house.ask(done)
    assert house.on_record(duty, DutyPerformed) == [
        DutyPerformed(what="report_3", by="ann", at=NOON)
    ]
    with pytest.raises(DutyPerformedAlready):
        house.ask(done)
    house.now = APRIL + DAY
    house.ask(NoteDutyMissed(duty_id=duty), role="system")
    assert house.types(duty) == ["DutyPeriodOpened", "DutyPerformed"]


def test_it_is_missed_at_its_time_and_not_twice(house: Office) -> None:
    duty = begun(house)
    house.ask(NoteDutyMissed(duty_id=duty), role="system")
    house.now = APRIL + DAY
    for _ in range(2):
        house.ask(NoteDutyMissed(duty_id=duty), role="system")
    assert house.on_record(duty, DutyMissed) == [DutyMissed(due_at=APRIL, done=0, at=APRIL)]


def test_nobody_does_it_ahead_of_time(house: Office) -> None:
    duty = begun(house)
    with pytest.raises(FutureFact):
        house.ask(PerformDuty(duty_id=duty, what="report_3", at=NOON + DAY))


@pytest.mark.parametrize(
    ("on", "refusal"),
    [
        (NOON + DAY, DutyPeriodNotBegun),
        (datetime.max.replace(tzinfo=UTC), DutyPeriodNotBegun),
        (datetime.min.replace(tzinfo=UTC), NoSuchDuty),
    ],
)
def test_no_period_is_opened_ahead_or_before_there_were_computers(
    house: Office, on: datetime, refusal: type[Refused]
) -> None:
    with pytest.raises(refusal):
        house.ask(OpenDutyPeriod(policy="house@2", rule="h-1", on=on), role="system")


def test_a_duty_about_a_customer_is_about_their_data(house: Office) -> None:
    customer = house.ask(
        RegisterCustomer(collection_source=CollectionSource.CUSTOMER_SUBMITTED)
    ).ids["customer"]
    duty = begun(house, "h-2", str(customer))
    assert house.header(duty, "DutyPeriodOpened").subject == customer
    with pytest.raises(NotFound):
        begun(house, "h-2", str(UUID(int=99)))
    with pytest.raises(NoSuchDuty):
        begun(house, "h-2", "nobody")


def test_a_duty_of_a_market_is_counted_by_its_days(house: Office) -> None:
    duty = begun(house, "h-3", "CN")
    (period,) = house.on_record(duty, DutyPeriodOpened)
    assert period.period_start == MARCH - timedelta(hours=8)
    assert house.header(duty, "DutyPeriodOpened").market == "CN"


@pytest.mark.parametrize(("rule", "whose"), [("h-9", None), ("h-4", None), ("h-3", None)])
def test_only_a_rule_that_runs_opens_a_period(house: Office, rule: str, whose: str | None) -> None:
    with pytest.raises(NoSuchDuty):
        begun(house, rule, whose)


def test_periods_are_opened_and_missed_by_the_product_alone(house: Office) -> None:
    with pytest.raises(RoleNotAllowed):
        house.ask(OpenDutyPeriod(policy="house@2", rule="h-1", on=FEBRUARY))
    with pytest.raises(RoleNotAllowed):
        house.ask(NoteDutyMissed(duty_id=begun(house)))
    with pytest.raises(NotFound):
        house.ask(PerformDuty(duty_id=UUID(int=5), what="report"))
