"""Whatever an acceptance case went through, deciding it again comes to the events it has on record:
pauses, late facts, changes of tier and market, new versions, moves to them, an excuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from commands.customer.register_customer import RegisterCustomer
from commands.ticket.receive_inquiry import ReceiveInquiry
from commands.ticket.send_first_response import SendFirstResponse
from commands.timers.excuse_breach import ExcuseBreach
from domain.opening_hours import CalendarNeverOpens
from domain.replaying import recorded_timer_events, replayed
from domain.terms import Channel, CollectionSource
from domain.timer_events import SlaBreachExcused, SlaBreachRetracted, TimerEvent
from infra.publication.as_of import RulesAsOf
from infra.sla_check import promised
from infra.sla_check.checking import EARLIER, answer
from infra.sla_check.store import Store
from tests.acceptance.test_sla_cases import CASES


class Kept(Store):
    """A store that is looked at when the case is over."""

    latest: Kept

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        Kept.latest = self


def compared(store: Store) -> int:
    """How many streams with promises there are; each of them comes out as it is on record."""
    rules = RulesAsOf(store.record, store.rules)
    recorded = store.record.read_after(0, 100_000)
    streams = {r.header.stream for r in recorded if r.header.type == "SlaTimersStarted"}
    for stream in streams:
        history = store.record.read_stream(stream)
        assert replayed(history, rules.at) == recorded_timer_events(history)
    return len(streams)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_every_case(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.sla_check.checking.Store", Kept)
    try:
        answer(case)
    except CalendarNeverOpens:
        assert case["expect"]["status"] == "error"
        return
    if case["expect"].get("status") != "not_started":
        assert compared(Kept.latest) > 0


MONDAY = datetime(2026, 6, 15, 8, tzinfo=UTC)


def told_late(store: Store, *, reply_at: datetime) -> UUID:
    """Asked at eight, found overdue at noon, and answered at a time that is told only then."""
    customer = store.ask(
        RegisterCustomer(collection_source=CollectionSource.SERVICE_CONVERSATION, market="CN")
    ).ids["customer"]
    store.now = MONDAY
    inquiry = ReceiveInquiry(customer_id=customer, channel=Channel.EMAIL, text="Where?", at=MONDAY)
    ticket = store.ask(inquiry).ids["ticket"]
    store.now = MONDAY + timedelta(hours=4)
    store.note_what_is_due(ticket)
    store.ask(SendFirstResponse(ticket_id=ticket, text="Here.", at=reply_at))
    return ticket


@pytest.fixture
def store() -> Store:
    case = next(case for case in CASES if case["policy"]["metric"] == "first_response")
    made = Store(MONDAY - EARLIER)
    calendar = {"timezone": "UTC", "weekly": {"mon": [["08:00", "18:00"]]}}
    made.serve("CN", "case", made.publish_calendar("case", calendar))
    policy = {**case["policy"], "target": {"minutes": 60}}
    made.publish_policy("case", promised.rows({**case, "policy": policy, "events": []}))
    return made


def types(store: Store, ticket: UUID) -> list[type[TimerEvent]]:
    return [type(event) for event in store.told(ticket)]


def test_a_breach_noted_before_an_earlier_reply_is_told(store: Store) -> None:
    ticket = told_late(store, reply_at=MONDAY + timedelta(minutes=30))
    assert SlaBreachRetracted in types(store, ticket)
    assert compared(store) == 1


def test_an_excuse_stands_where_it_stood(store: Store) -> None:
    ticket = told_late(store, reply_at=MONDAY + timedelta(hours=3))
    (timer,) = store.timers(ticket)
    excuse = ExcuseBreach(case_id=ticket, timer=timer.id, why="outage", asked_by="bob")
    store.ask(excuse, "supervisor", "sue")
    assert types(store, ticket)[-1] is SlaBreachExcused
    assert compared(store) == 1
