"""A breach is a breach, noted or not, when its policy or calendar is replaced."""

from __future__ import annotations

import pytest

from commands.timers.migrate_timers import MigrateTimers
from tests.timers.told import HOURS, MONDAY, after, asked, row, store_with, types


@pytest.mark.parametrize("noted", [False, True])
def test_what_is_overdue_does_not_move_to_another_version(noted: bool) -> None:
    store = store_with(row(60))
    ticket = asked(store)
    version = store.publish_policy("case", [row(300)])
    store.now = after(90)
    if noted:
        store.note_what_is_due(ticket)
    store.ask(MigrateTimers(case_id=ticket, policy=f"case@{version}"))
    store.note_what_is_due(ticket)
    assert types(store, ticket) == ["SlaTimersStarted", "SlaBreached"]
    (timer,) = store.timers(ticket)
    assert (timer.policy, timer.deadline, timer.breached) == ("case@1", after(60), True)


@pytest.mark.parametrize(
    ("day_off", "minutes"), [(MONDAY.date().isoformat(), 24 * 60 + 60), ("2026-06-20", 60)]
)
def test_what_runs_moves_to_another_version_of_its_calendar(day_off: str, minutes: int) -> None:
    store = store_with(row(60))
    ticket = asked(store)
    version = store.publish_calendar("case", {**HOURS, "holidays": [day_off]})
    store.now = after(30)
    store.ask(MigrateTimers(case_id=ticket, calendar=f"case@{version}"))
    (timer,) = store.timers(ticket)
    assert (timer.calendar, timer.deadline) == (f"case@{version}", after(minutes))


def test_what_is_overdue_does_not_move_to_another_calendar() -> None:
    store = store_with(row(60))
    ticket = asked(store)
    version = store.publish_calendar("case", {**HOURS, "holidays": [MONDAY.date().isoformat()]})
    store.now = after(90)
    store.ask(MigrateTimers(case_id=ticket, calendar=f"case@{version}"))
    store.note_what_is_due(ticket)
    assert types(store, ticket) == ["SlaTimersStarted", "SlaBreached"]
