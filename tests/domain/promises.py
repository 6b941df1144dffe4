"""Promises to test with: facts, the rules and hours they count by, and what an append holds."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from uuid import UUID

from domain.circumstances import circumstances
from domain.complaint.events import (
    ComplaintDeadlineExtended,
    ComplaintInvestigationCompleted,
    ComplaintReceived,
    ComplaintRegistered,
)
from domain.event import Event
from domain.opening_hours import Calendar
from domain.personal import Personal
from domain.policy.reading import read_pack
from domain.policy.rulebook import Rulebook
from domain.terms import Channel, Tier
from domain.ticket.events import (
    FirstResponseSent,
    InquiryReceived,
)
from domain.timers import is_timer_event, running_timers, with_timers

WEEK = (((540, 1080),),) * 5 + ((), ())
GREENWICH = Calendar(id="greenwich", version=3, zone="UTC", weekly=WEEK)
BEIJING = Calendar(id="beijing", version=1, zone="Asia/Shanghai", weekly=WEEK)
RULES = Rulebook(
    rules=[
        rule
        for pack in ("cross_border_crm", "overseas_service")
        for rule in read_pack(
            tomllib.loads(files("domain.policy").joinpath(f"{pack}.toml").read_text("utf-8"))
        )
    ],
    calendars={"GB": GREENWICH, "CN": BEIJING},
)
CASE = UUID(int=7)
TEN = datetime(2026, 6, 9, 10, tzinfo=UTC)
ELEVEN, NOON = TEN + timedelta(hours=1), TEN + timedelta(hours=2)
HALF_PAST_TEN = TEN + timedelta(minutes=30)
WORDS = Personal("Where is my parcel?")


def inquiry(at: datetime = TEN, tier: Tier | None = None) -> InquiryReceived:
    return InquiryReceived(customer=UUID(int=1), channel=Channel.EMAIL, tier=tier, at=at)


def reply(at: datetime) -> FirstResponseSent:
    return FirstResponseSent(staff="ann", text=WORDS, at=at)


def complaint(at: datetime = TEN) -> ComplaintReceived:
    return ComplaintReceived(customer=UUID(int=1), channel=Channel.PHONE, at=at)


def registered(at: datetime = TEN) -> ComplaintRegistered:
    return ComplaintRegistered(complaint_kind="quality", at=at)


def investigated(at: datetime) -> ComplaintInvestigationCompleted:
    return ComplaintInvestigationCompleted(
        facts=WORDS, responsible_party="carrier", root_cause="lost", at=at
    )


def extended(at: datetime, agreed_due: datetime) -> ComplaintDeadlineExtended:
    return ComplaintDeadlineExtended(
        reason="laboratory", told_customer=True, agreed_due=agreed_due, at=at
    )


def placed(
    *facts: Event,
    market: str | None = "GB",
    before: list[Event] | None = None,
) -> list[Event]:
    """What one append holds, after the timer events of those before."""
    case = circumstances([e for e in before or [] if not is_timer_event(type(e).__name__)], market)
    events = with_timers(
        running_timers([e for e in before or [] if is_timer_event(type(e).__name__)]),
        facts,
        rules=RULES,
        case=case,
        stream=CASE,
    )
    return [event for event, _ in events]


def names(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def only(events: list[Event], cls: type[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, cls)]
