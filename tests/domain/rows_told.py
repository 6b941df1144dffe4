"""Rows of a policy told what happens: the facts of a case, and the timer events they cause."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.circumstances import circumstances
from domain.event import Event
from domain.policy.deadline import Pack
from domain.policy.reading import read_rule
from domain.policy.rulebook import Rulebook
from domain.terms import Channel, WaitingFor
from domain.ticket.events import (
    FirstResponseSent,
    InquiryReceived,
    TicketResolved,
    TicketWaiting,
    TicketWaitingEnded,
)
from domain.timers import is_timer_event, with_timers
from tests.domain.promises import BEIJING, GREENWICH, TEN, WORDS

PACK = Pack(id="pack", version=1, says="", zh="")
CASE = UUID(int=3)
MINUTE = timedelta(minutes=1)


def row(**columns: Any) -> dict[str, Any]:
    return {
        "id": "row",
        "clause": "CB-10.1a",
        "says": "One.",
        "zh": "一。",
        "metric": "resolution",
        "trigger": "InquiryReceived",
        "fulfilled_by": "TicketResolved",
        "target": {"working_minutes": 120},
    } | columns


def told(rows: list[dict[str, Any]], *facts: Event) -> list[Event]:
    """The timer events of a case in London, without its facts."""
    rules = Rulebook(
        rules=[read_rule(one, PACK) for one in rows],
        calendars={"GB": GREENWICH, "CN": BEIJING},
    )
    placed = with_timers({}, facts, rules=rules, case=circumstances((), "GB"), stream=CASE)
    return [event for event, _ in placed if is_timer_event(type(event).__name__)]


def at(minutes: int) -> datetime:
    return TEN + minutes * MINUTE


def inquiry(minutes: int = 0, **fields: Any) -> InquiryReceived:
    fields = {"channel": Channel.EMAIL, **fields}
    return InquiryReceived(customer=UUID(int=1), at=at(minutes), **fields)


def reply(minutes: int) -> FirstResponseSent:
    return FirstResponseSent(staff="ann", text=WORDS, at=at(minutes))


def resolved(minutes: int) -> TicketResolved:
    return TicketResolved(at=at(minutes))


def waiting(minutes: int, waiting_for: WaitingFor = WaitingFor.CUSTOMER) -> TicketWaiting:
    return TicketWaiting(waiting_for=waiting_for, at=at(minutes))


def goes_on(minutes: int) -> TicketWaitingEnded:
    return TicketWaitingEnded(at=at(minutes))


def names(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def one(events: list[Event], cls: type[Any]) -> Any:
    (found,) = (event for event in events if isinstance(event, cls))
    return found
