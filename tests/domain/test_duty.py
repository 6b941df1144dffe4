"""A period of a duty: opened, done, missed."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import reduce

import pytest

from domain.duty.duty import Duty, duty_stream, evolve, opened
from domain.duty.events import DutyEvent, DutyMissed, DutyPerformed
from domain.duty.refusals import (
    DutyOfAnotherRole,
    DutyPerformedAlready,
    DutyPeriodNotBegun,
    NoSuchDuty,
)
from domain.policy.cadence import Period, period_of
from tests.domain.duties import APRIL, FEBRUARY, MARCH, row
from tests.domain.promises import GREENWICH

SECOND = timedelta(seconds=1)


def period(at: datetime = MARCH) -> Period:
    found = period_of(row(), GREENWICH, at)
    assert found is not None
    return found


def duty(*events: DutyEvent, times: int = 1) -> Duty:
    begun = opened(row(times=times), period(), None, MARCH)
    return reduce(evolve, events, evolve(None, begun))


def done(at: datetime) -> DutyPerformed:
    return DutyPerformed(what="report_3", by="ann", at=at)


def perform(duty: Duty, at: datetime, role: str = "crm_admin") -> list[DutyEvent]:
    return duty.perform("report_3", by="ann", role=role, at=at)


def test_a_period_says_what_is_owed_by_whom_until_when() -> None:
    begun = opened(row(times=2), period(), None, MARCH)
    assert (begun.at, begun.period_start, begun.period_end, begun.due_at) == (
        MARCH,
        MARCH,
        APRIL,
        APRIL,
    )
    assert begun.warn_at == APRIL - timedelta(days=5)
    assert (begun.policy, begun.role, begun.times, begun.whose) == ("house@2", "crm_admin", 2, None)


def test_a_period_is_opened_once_it_has_begun_and_by_a_rule_that_runs() -> None:
    with pytest.raises(DutyPeriodNotBegun):
        opened(row(), period(), None, MARCH - SECOND)
    for rule, whose in (
        (row(inactive="Nothing yet."), None),
        (row(per="market"), None),
        (row(), "GB"),
    ):
        with pytest.raises(NoSuchDuty):
            opened(rule, period(), whose, MARCH)


def test_a_stream_is_of_one_rule_whoever_it_is_for_and_one_period() -> None:
    streams = [
        duty_stream(row(), None, MARCH),
        duty_stream(row(), None, APRIL),
        duty_stream(row(id="h-2"), None, MARCH),
        duty_stream(row(per="market"), "GB", MARCH),
        duty_stream(row(per="market"), "CN", MARCH),
    ]
    assert len(set(streams)) == len(streams)
    assert duty_stream(row(), None, MARCH) == streams[0]


def test_done_once_it_is_done() -> None:
    assert perform(duty(), APRIL - SECOND) == [done(APRIL - SECOND)]
    assert duty(done(MARCH)).miss(APRIL + SECOND) == []
    with pytest.raises(DutyPerformedAlready):
        perform(duty(done(MARCH)), MARCH + SECOND)


def test_what_is_owed_twice_is_missed_when_done_once() -> None:
    assert perform(duty(done(MARCH), times=2), MARCH) == [done(MARCH)]
    assert duty(done(MARCH), times=2).miss(APRIL + SECOND) == [
        DutyMissed(due_at=APRIL, done=1, at=APRIL)
    ]


def test_it_is_nobody_elses_and_not_before_its_period() -> None:
    with pytest.raises(DutyOfAnotherRole):
        perform(duty(), MARCH, role="agent")
    with pytest.raises(DutyPeriodNotBegun):
        perform(duty(), FEBRUARY)


def test_missed_once_its_time_is_over_and_noted_once() -> None:
    assert duty().miss(APRIL) == []
    (missed,) = duty().miss(APRIL + timedelta(days=90))
    assert missed == DutyMissed(due_at=APRIL, done=0, at=APRIL)
    assert duty(missed).miss(APRIL + timedelta(days=91)) == []


def test_done_late_it_stays_missed_and_told_late_it_does_not() -> None:
    missed = DutyMissed(due_at=APRIL, done=0, at=APRIL)
    late = duty(missed, *perform(duty(missed), APRIL + SECOND))
    assert (late.missed, late.done_in_time, len(late.done)) == (True, 0, 1)
    told_late = duty(missed, *perform(duty(missed), APRIL))
    assert (told_late.missed, told_late.done_in_time) == (False, 1)
