"""Whatever an acceptance case went through, deciding it again comes to the events it has on record:
pauses, late facts, changes of tier and market, new versions, moves to them, an excuse."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from commands.timers.excuse_breach import ExcuseBreach
from domain.opening_hours import CalendarNeverOpens
from domain.replaying import recorded_timer_events, replayed
from domain.timer_events import SlaBreachExcused, SlaBreachRetracted
from infra.publication.as_of import RulesAsOf
from infra.sla_check.checking import answer
from infra.sla_check.store import Store
from tests.acceptance.test_sla_cases import CASES
from tests.timers.told import after, asked, replied, row, store_with, types


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


def told_late(store: Store, *, reply_at: datetime) -> UUID:
    """Asked at eight, found overdue at noon, and answered at a time that is told only then."""
    ticket = asked(store)
    store.now = after(240)
    store.note_what_is_due(ticket)
    replied(store, ticket, reply_at)
    return ticket


@pytest.fixture
def store() -> Store:
    return store_with(row(60))


def test_a_breach_noted_before_an_earlier_reply_is_told(store: Store) -> None:
    ticket = told_late(store, reply_at=after(30))
    assert SlaBreachRetracted.__name__ in types(store, ticket)
    assert compared(store) == 1


def test_an_excuse_stands_where_it_stood(store: Store) -> None:
    ticket = told_late(store, reply_at=after(180))
    (timer,) = store.timers(ticket)
    excuse = ExcuseBreach(case_id=ticket, timer=timer.id, why="outage", asked_by="bob")
    store.ask(excuse, "supervisor", "sue")
    assert types(store, ticket)[-1] == SlaBreachExcused.__name__
    assert compared(store) == 1
