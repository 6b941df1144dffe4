"""A period of a duty, and the decisions about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Unpack, assert_never
from uuid import UUID, uuid5

from domain.duty import refusals
from domain.duty.events import DutyEvent, DutyMissed, DutyPerformed, DutyPeriodOpened
from domain.event import Frozen
from domain.policy.cadence import CadenceRule, Per, Period
from domain.when import When

_DUTY = UUID("0d5b9f4e-6a53-5c0b-8a37-2f1e70c4d911")
DAY = timedelta(days=1)


def duty_stream(rule: CadenceRule, whose: str | None, start: datetime) -> UUID:
    """The stream of the period that begins at `start` (aware); the same in every version of the
    policy, so that a new version opens no period twice."""
    whom = f"{rule.per}:{len(whose or '')}:{whose or ''}"
    return uuid5(_DUTY, f"{rule.pack.id}:{rule.id}:{whom}:{start.timestamp():.0f}")


class Duty(Frozen):
    """`done` are the times at which it was done, in the order in which that was told."""

    opened: DutyPeriodOpened
    done: tuple[datetime, ...] = ()
    missed: bool = False

    @property
    def done_in_time(self) -> int:
        return sum(at <= self.opened.due_at for at in self.done)

    def perform(self, what: str, *, by: str, role: str, **when: Unpack[When]) -> list[DutyEvent]:
        """Done late it is still done; it stays missed then.

        Raises DutyOfAnotherRole, DutyPeriodNotBegun, DutyPerformedAlready."""
        opened = self.opened
        if role != opened.role:
            raise refusals.DutyOfAnotherRole(duty=opened.duty, role=role, owed_by=opened.role)
        if when["at"] < opened.period_start:
            begins = opened.period_start.isoformat()
            raise refusals.DutyPeriodNotBegun(duty=opened.duty, begins=begins)
        if len(self.done) >= opened.times:
            raise refusals.DutyPerformedAlready(duty=opened.duty)
        return [DutyPerformed(what=what, by=by, **when)]

    def miss(self, now: datetime) -> list[DutyEvent]:
        """What is to be noted once its time is over; at the due time itself it is not."""
        due = self.opened.due_at
        if self.missed or now <= due or self.done_in_time >= self.opened.times:
            return []
        return [DutyMissed(due_at=due, done=self.done_in_time, at=due)]


def opened(rule: CadenceRule, period: Period, whose: str | None, now: datetime) -> DutyPeriodOpened:
    """A period of a duty that has begun by `now`. Raises DutyPeriodNotBegun, NoSuchDuty."""
    if not rule.starts or (whose is None) != (rule.per is Per.ORGANISATION):
        raise refusals.NoSuchDuty(policy=rule.pack.name, rule=rule.id)
    if period.start > now:
        raise refusals.DutyPeriodNotBegun(duty=rule.duty, begins=period.start.isoformat())
    return DutyPeriodOpened(
        duty=rule.duty,
        rule=rule.id,
        clause=rule.clause,
        policy=rule.pack.name,
        period_start=period.start,
        period_end=period.end,
        due_at=period.due,
        per=rule.per,
        whose=whose,
        role=rule.role,
        times=rule.times,
        warn_at=None if rule.warn_days is None else period.due - rule.warn_days * DAY,
        at=period.start,
    )


def evolve(duty: Duty | None, event: DutyEvent) -> Duty:
    """How the events of a period add up. Refuses nothing."""
    if isinstance(event, DutyPeriodOpened):
        return Duty(opened=event)
    assert duty is not None, "a duty's history begins with DutyPeriodOpened"
    match event:
        case DutyPerformed():
            later = replace(duty, done=(*duty.done, event.at))
            return replace(later, missed=later.missed and later.done_in_time < duty.opened.times)
        case DutyMissed():
            return replace(duty, missed=True)
        case _:
            assert_never(event)
