"""What would have become of promises under another version."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from commands.timers.migrate_timers import MigrateTimers
from domain.policy.deadline import Pack
from domain.policy.rulebook import Rulebook
from domain.publication.rows import deadline
from domain.timer_events import Move
from domain.what_if import Fate, fates, under_calendar, under_policy
from infra.publication.as_of import RulesAsOf
from infra.sla_check.store import Store
from tests.timers.told import HOURS, MONDAY, after, asked, replied, row, store_with

LATER = MONDAY + timedelta(days=9)


def tried(store: Store, case: UUID, *rows: dict[str, Any]) -> list[Fate]:
    pack = Pack(id="case", version=999, says="", zh="")
    rules = [deadline(one, pack) for one in rows]
    return under(store, case, lambda known: under_policy(known, rules), Move.POLICY)


def under(store: Store, case: UUID, change: Any, reason: Move) -> list[Fate]:
    as_of = RulesAsOf(store.record, store.rules)

    def rules(position: int) -> Rulebook:
        changed: Rulebook = change(as_of.at(position))
        return changed

    return fates(store.record.read_stream(case), rules, LATER, frozenset({reason}))


def test_a_tighter_limit_moves_it_and_would_be_broken() -> None:
    store = store_with(row(60))
    ticket = asked(store)
    replied(store, ticket, after(45))
    (fate,) = tried(store, ticket, row(30))
    assert (fate.due_at, fate.would_be_due_at) == (after(60), after(30))
    assert (fate.moves, fate.is_broken, fate.is_saved) == (True, True, False)


def test_a_wider_limit_would_have_saved_it() -> None:
    store = store_with(row(60))
    ticket = asked(store)
    replied(store, ticket, after(90))
    (fate,) = tried(store, ticket, row(120))
    assert (fate.moves, fate.is_broken, fate.is_saved) == (True, False, True)


def test_what_runs_and_nobody_has_noted_yet_is_broken_by_the_day_asked_about() -> None:
    store = store_with(row(60))
    ticket = asked(store)
    (fate,) = tried(store, ticket, row(120))
    assert (fate.breached, fate.would_breach) == (True, True)
    assert not (fate.is_broken or fate.is_saved)


def test_the_same_rows_change_nothing() -> None:
    store = store_with(row(60))
    ticket = asked(store)
    replied(store, ticket, after(90))
    (fate,) = tried(store, ticket, row(60))
    assert not fate.changes


def test_a_breach_noted_then_would_not_have_been_by_a_wider_limit() -> None:
    """Found overdue at noon and answered after that; with more time nothing was overdue."""
    store = store_with(row(60))
    ticket = asked(store)
    store.now = after(240)
    store.note_what_is_due(ticket)
    replied(store, ticket, after(250))
    (fate,) = tried(store, ticket, row(300))
    assert fate.is_saved


def test_another_row_of_the_same_promise_is_the_same_promise() -> None:
    store = store_with(row(60))
    ticket = asked(store)
    replied(store, ticket, after(45))
    (fate,) = tried(store, ticket, row(50, id="renamed"))
    assert (fate.rule, fate.moves, fate.would_be_made) == ("base", True, True)


def test_what_would_not_be_made_and_what_would_be_made_besides() -> None:
    store = store_with(row(60))
    ticket = asked(store)
    replied(store, ticket, after(45))
    gone, new = tried(store, ticket, row(30, metric="something_else"))
    assert (gone.made, gone.would_be_made, gone.moves, gone.changes) == (True, False, False, True)
    assert (new.made, new.would_be_made, new.is_broken) == (False, True, True)


def test_a_move_to_another_version_is_not_made_where_that_version_never_was() -> None:
    store = store_with(row(60))
    ticket = asked(store)
    version = store.publish_policy("case", [row(120)])
    store.now = after(10)
    store.ask(MigrateTimers(case_id=ticket, policy=f"case@{version}"))
    replied(store, ticket, after(90))
    (fate,) = tried(store, ticket, row(60))
    assert (fate.due_at, fate.would_be_due_at) == (after(120), after(60))
    assert fate.is_broken


def test_a_calendar_with_another_day_off() -> None:
    store = store_with(row(60))
    ticket = asked(store)
    replied(store, ticket, after(90))
    version = store.publish_calendar("case", {**HOURS, "holidays": [MONDAY.date().isoformat()]})
    calendar = store.rules.calendar_named(f"case@{version}")
    (fate,) = under(store, ticket, lambda known: under_calendar(known, calendar), Move.CALENDAR)
    assert fate.would_be_due_at == after(24 * 60 + 60)
    assert fate.is_saved
    plain = Rulebook(calendars={"CN": store.rules.calendar_named("case@1")})
    assert under_calendar(plain, calendar).calendar("CN") == calendar


def test_nothing_is_written() -> None:
    store = store_with(row(60))
    ticket = asked(store)
    before = len(store.record.read_after(0, 1_000))
    tried(store, ticket, row(30))
    assert len(store.record.read_after(0, 1_000)) == before
