"""A period of a duty begins: what has to be done in it is on record from then on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from commands.command import Append, Command, Desk
from commands.duty.record import KIND
from commands.fields import Code, VersionName
from domain.duty.duty import duty_stream, opened
from domain.duty.refusals import DutyPeriodNotBegun, NoSuchDuty
from domain.policy.cadence import CadenceRule, Per, period_of

EARLIEST = datetime(1971, 1, 1, tzinfo=UTC)


class OpenDutyPeriod(Command):
    """The period of a cadence row in which `on` lies. `policy` is name@version, `whose` the market,
    the staff member or the customer it is done for, unless it is done for the organisation. Opened
    again adds nothing."""

    PURPOSE: ClassVar[str] = "dpv:RecordManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset({"system"})

    policy: VersionName
    rule: Code
    on: AwareDatetime
    whose: Code | None = None


def open_duty_period(command: OpenDutyPeriod, desk: Desk) -> Append:
    """A duty about a customer is about their data, and nobody else's is."""
    rule = _rule(command, desk)
    if command.on > desk.now:
        raise DutyPeriodNotBegun(duty=rule.duty, begins=command.on.isoformat())
    if command.on < EARLIEST:
        raise NoSuchDuty(policy=command.policy, rule=command.rule)
    market = command.whose if rule.per is Per.MARKET else None
    period = period_of(rule, desk.rules.calendar(market), command.on)
    if period is None:
        raise NoSuchDuty(policy=command.policy, rule=command.rule)
    begun = opened(rule, period, command.whose, desk.now)
    stream = duty_stream(rule, command.whose, period.start)
    if desk.record.history(stream) is not None:
        return Append(writes=[], ids={KIND: stream})
    subject = stream
    if rule.per is Per.CUSTOMER:
        subject = _customer(command, desk)
    write = desk.begin(KIND, stream, subject, [begun], market=market)
    return Append(writes=[write], ids={KIND: stream})


def _rule(command: OpenDutyPeriod, desk: Desk) -> CadenceRule:
    for rule in desk.rules.cadences:
        if (rule.pack.name, rule.id) == (command.policy, command.rule):
            return rule
    raise NoSuchDuty(policy=command.policy, rule=command.rule)


def _customer(command: OpenDutyPeriod, desk: Desk) -> UUID:
    """NotFound if nobody is on record under this id."""
    try:
        customer = UUID(command.whose)
    except (TypeError, ValueError):
        raise NoSuchDuty(policy=command.policy, rule=command.rule) from None
    return desk.load("customer", customer).subject
