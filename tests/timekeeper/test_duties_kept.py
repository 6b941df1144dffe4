"""Duties are opened as their periods begin, and what was not done in one is noted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from psycopg import Connection

from commands.duty.open_duty_period import OpenDutyPeriod
from commands.duty.perform_duty import PerformDuty
from infra.dispatch import Caller, Dispatcher
from infra.product import Product, new_id
from infra.timekeeper.due import connected
from infra.timekeeper.duties import keep_duties
from infra.timekeeper.noting import TIMEKEEPER
from queries.duties_found import DutyFound, duties_found
from queries.within import Within
from tests.domain.duties import APRIL, MARCH, row, rulebook
from tests.timekeeper.promised import caught_up, registered

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class House:
    """The product under rules with duties, and a time of its own."""

    def __init__(self, product: Product, connection: Connection[Any]) -> None:
        self.now = NOON
        dispatcher = Dispatcher(
            product.record,
            product.keyring,
            product.installation,
            rulebook(
                row(),
                row(id="h-2", every={"weeks": 1}, duty="data_backup"),
                row(id="h-3", per="customer", duty="tier_care", role="agent"),
            ),
            clock=lambda: self.now,
            new_id=new_id,
        )
        self.product = replace(product, dispatcher=dispatcher)
        self.connection = connection

    def keep(self) -> int:
        caught_up(self.product)
        return keep_duties(self.product, self.connection, self.now)

    def found(self, **asked: Any) -> list[DutyFound]:
        caught_up(self.product)
        return duties_found(self.connection, **asked)

    def done(self, duty: DutyFound, at: datetime) -> None:
        command = PerformDuty(duty_id=duty.stream, what="report", at=at)
        self.product.dispatcher.dispatch(command, Caller("ann", "crm_admin"), uuid4())


@pytest.fixture
def house(running: Product) -> Iterator[House]:
    with connected(running.addresses.database_url) as connection:
        yield House(running, connection)


def test_the_periods_of_today_are_opened_once(house: House) -> None:
    assert house.keep() == 2
    assert house.keep() == 0
    week, month = house.found()
    assert (week.duty, week.period_start, week.due_at) == (
        "data_backup",
        NOON - timedelta(hours=12),
        NOON + timedelta(days=6, hours=12),
    )
    assert (month.period_start, month.due_at, month.state, month.times) == (
        MARCH,
        APRIL,
        "open",
        1,
    )


def test_periods_that_passed_while_nobody_kept_time_show_as_missed(house: House) -> None:
    house.keep()
    house.now = NOON + timedelta(days=37)
    opened = house.keep()
    house.keep()
    found = house.found()
    assert Counter((d.duty, d.state) for d in found) == {
        ("data_backup", "missed"): 5,
        ("data_backup", "open"): 1,
        ("monthly_customer_data_check", "missed"): 1,
        ("monthly_customer_data_check", "open"): 1,
    }
    assert opened >= 6
    assert all(d.missed_at == d.due_at for d in found if d.state == "missed")
    assert house.keep() == 0


def test_what_is_done_in_time_late_and_told_late(house: House) -> None:
    house.keep()
    house.now = NOON + timedelta(days=37)
    for _ in range(2):
        house.keep()
    first, second, third, *_ = house.found(duty="data_backup")
    house.done(first, first.due_at)
    house.done(second, second.due_at + timedelta(seconds=1))
    states = {d.stream: (d.state, d.done, d.missed_at) for d in house.found()}
    assert states[first.stream] == ("performed", 1, None)
    assert states[second.stream] == ("late", 1, second.due_at)
    assert states[third.stream] == ("missed", 0, third.due_at)
    assert house.keep() == 0


def test_the_calendar_of_duties_is_asked_by_time_state_and_page(house: House) -> None:
    house.keep()
    house.now = NOON + timedelta(days=37)
    for _ in range(2):
        house.keep()
    everything = house.found()
    assert house.found(begins=APRIL, ends=APRIL + timedelta(days=7)) == [
        d for d in everything if APRIL <= d.due_at < APRIL + timedelta(days=7)
    ]
    assert {d.state for d in house.found(state="open")} == {"open"}
    assert house.found(owed_by="agent") == []
    paged: list[DutyFound] = []
    while page := house.found(
        after=(paged[-1].due_at, paged[-1].stream) if paged else None, limit=3
    ):
        paged += page
    assert paged == everything


def test_who_is_narrowed_sees_nothing_done_for_a_customer(house: House) -> None:
    house.keep()
    customer = registered(house.product)
    opened = OpenDutyPeriod(policy="house@2", rule="h-3", on=NOON, whose=str(customer))
    house.product.dispatcher.dispatch(opened, TIMEKEEPER, uuid4())
    assert len(house.found()) == 3
    for within in (Within(markets=("GB",)), Within(teams=("one",))):
        assert {d.per for d in house.found(within=within)} == {"organisation"}
    house.now = NOON + timedelta(days=31)
    house.keep()
    later = house.found(duty="tier_care")
    assert [(d.whose, d.period_start) for d in later] == [
        (str(customer), MARCH),
        (str(customer), APRIL),
    ]
