"""Duties kept: each period is opened once it has begun, and what was not done in it is noted.

A period that began and ended while nobody kept time is opened late, so that it shows as missed.
Duties done for a customer or a person begin with whoever sends OpenDutyPeriod for them first; their
later periods are opened here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import structlog
from psycopg import Connection

from commands.command import Command
from commands.duty.note_duty_missed import NoteDutyMissed
from commands.duty.open_duty_period import OpenDutyPeriod
from domain.duty.duty import duty_stream
from domain.policy.cadence import CadenceRule, Per, Period, period_of, periods
from domain.refusal import Refused
from infra.product import Product
from infra.timekeeper.noting import TIMEKEEPER

log = structlog.get_logger()
LATE_AT_ONCE = 500
"""Periods of one duty that are opened late in one go."""


class Last(NamedTuple):
    """The latest period of a duty on record."""

    policy: str
    rule: str
    whose: str | None
    start: datetime


def keep_duties(product: Product, connection: Connection[Any], at: datetime) -> int:
    """Opens and notes what is there to be; how many. Raises psycopg's errors."""
    done = 0
    for rule, whose, period in _to_open(product, connection, at):
        stream = duty_stream(rule, whose, period.start)
        command = OpenDutyPeriod(policy=rule.pack.name, rule=rule.id, on=period.start, whose=whose)
        done += _sent(product, command, uuid5(stream, "opened"))
    return done + note_missed(product, connection, at)


def note_missed(product: Product, connection: Connection[Any], at: datetime) -> int:
    """As far as the index knows. Raises psycopg's errors."""
    missed = connection.execute(
        "SELECT stream FROM read.duties WHERE state = 'open' AND due_at < %s ORDER BY due_at", (at,)
    ).fetchall()
    return sum(
        _sent(product, NoteDutyMissed(duty_id=stream), uuid5(stream, "missed"))
        for (stream,) in missed
    )


def _to_open(
    product: Product, connection: Connection[Any], at: datetime
) -> Iterator[tuple[CadenceRule, str | None, Period]]:
    rules = product.rules
    last = {(row.policy.partition("@")[0], row.rule, row.whose): row for row in _latest(connection)}
    for rule in rules.cadences:
        if not rule.starts:
            continue
        known = {whose for pack, id, whose in last if (pack, id) == (rule.pack.id, rule.id)}
        for whose in known | _all(rule, connection):
            market = whose if rule.per is Per.MARKET else None
            calendar = rules.calendar(market)
            before = last.get((rule.pack.id, rule.id, whose))
            if before is None:
                current = period_of(rule, calendar, at)
                begun = [] if current is None else [current]
            else:
                begun = periods(rule, calendar, before.start, at)[1:LATE_AT_ONCE]
            for period in begun:
                yield rule, whose, period


def _all(rule: CadenceRule, connection: Connection[Any]) -> set[str | None]:
    match rule.per:
        case Per.ORGANISATION:
            return {None}
        case Per.MARKET:
            rows = connection.execute(
                "SELECT DISTINCT market FROM read.customers WHERE market IS NOT NULL"
            )
            return {row[0] for row in rows}
        case Per.CUSTOMER | Per.PERSON:
            return set()


def _latest(connection: Connection[Any]) -> list[Last]:
    rows = connection.execute(
        "SELECT DISTINCT ON (rule, whose, split_part(policy, '@', 1))"
        " policy, rule, whose, period_start FROM read.duties"
        " ORDER BY rule, whose, split_part(policy, '@', 1), period_start DESC"
    )
    return [Last(*row) for row in rows]


def _sent(product: Product, command: Command, id: UUID) -> bool:
    """What was sent before, and not seen in the index yet, is recorded once."""
    try:
        result = product.dispatcher.dispatch(command, TIMEKEEPER, id)
    except Refused as refusal:
        log.warning("timekeeper.duty_refused", command=type(command).__name__, code=refusal.code)
        return False
    return result.position is not None and not result.replayed
