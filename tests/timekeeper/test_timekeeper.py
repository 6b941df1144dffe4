"""What falls due is noted at its time, once, by whoever keeps time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from commands.ticket.receive_inquiry import ReceiveInquiry
from commands.ticket.send_first_response import SendFirstResponse
from domain.terms import Channel
from domain.timer_events import Milestone, SlaBreached, SlaEscalated, SlaWarningReached
from infra.dispatch import Caller
from infra.imports import runs
from infra.product import Product, now
from infra.timekeeper.due import connected
from infra.timekeeper.noting import note
from infra.timekeeper.running import Timekeeper, note_all
from tests.timekeeper.promised import (
    HOUR,
    breaches,
    cases,
    caught_up,
    keeping_time,
    noted,
    noted_of,
    promise,
    registered,
    until,
)

CRM = Caller("ann", "crm_admin")
MONDAY = datetime(2026, 6, 8, 2, tzinfo=UTC)


def inquired(product: Product, at: datetime) -> tuple[UUID, datetime]:
    """A ticket and when its first response is due."""
    received = product.dispatcher.dispatch(
        ReceiveInquiry(customer_id=registered(product), channel=Channel.EMAIL, at=at),
        CRM,
        uuid4(),
    )
    return received.ids["ticket"], received.timers[0].due_at


def test_a_breach_is_noted_with_the_due_time_however_late(running: Product) -> None:
    ticket, due = inquired(running, MONDAY)
    caught_up(running)
    note_all(running)
    (breach,) = noted(running, ticket)
    assert isinstance(breach.event, SlaBreached)
    assert (breach.event.at, breach.event.due_at) == (due, due)
    assert (breach.header.actor, breach.header.role) == ("system:timekeeper", "system")
    caught_up(running)
    note_all(running)
    assert len(noted(running, ticket)) == 1


def test_what_falls_due_now_is_noted_now(running: Product) -> None:
    with keeping_time(running):
        caught_up(running)
        due = now() + timedelta(seconds=2)
        (ticket,) = cases(running, [promise(due)])
        until(lambda: bool(noted(running, ticket)))
    (breach,) = noted(running, ticket)
    assert breach.event.at == due
    assert due < breach.header.recorded_at < due + timedelta(seconds=1)


def test_what_is_not_due_is_left_alone(running: Product) -> None:
    (ticket,) = cases(running, [promise(now() + HOUR)])
    caught_up(running)
    with connected(running.addresses.database_url) as connection:
        assert 0 < Timekeeper(running).turn(connection) <= 0.25
    assert noted(running, ticket) == []


def test_warnings_and_steps_are_noted_in_their_order_each_at_its_time(running: Product) -> None:
    due = now() - 3 * HOUR
    plan = (
        Milestone(name="warn_50", at=due - HOUR / 2),
        Milestone(name="step_1", at=due + HOUR, to="supervisor"),
        Milestone(name="step_2", at=due + 9 * HOUR, to="department_head"),
    )
    (ticket,) = cases(running, [promise(due, *plan)])
    caught_up(running)
    note_all(running)
    events = [one.event for one in noted(running, ticket)]
    assert [type(event) for event in events] == [SlaWarningReached, SlaBreached, SlaEscalated]
    assert [event.at for event in events] == [due - HOUR / 2, due, due + HOUR]
    caught_up(running)
    with connected(running.addresses.database_url) as connection:
        row = connection.execute("SELECT next_at FROM read.sla_timers").fetchone()
    assert row == (due + 9 * HOUR,)


def test_two_timekeepers_note_nothing_twice(running: Product) -> None:
    due = now() - HOUR
    tickets = cases(running, [promise(due + timedelta(seconds=n)) for n in range(1_000)])
    caught_up(running)
    with keeping_time(running, timekeepers=2):
        until(lambda: breaches(running) >= len(tickets))
    assert noted_of(running, tickets) == dict.fromkeys(tickets, 1)


def test_the_slower_of_two_that_saw_the_same_finds_it_noted(running: Product) -> None:
    """Both had read the index, and the second the stream, too, before the first recorded."""
    (ticket,) = cases(running, [promise(now() - HOUR)])
    first = note(running, [ticket], frozenset())
    second = note(running, [ticket], frozenset())
    assert list(first.positions) == [ticket]
    assert (dict(second.positions), second.nothing) == ({}, [ticket])
    assert len(noted(running, ticket)) == 1


def test_cases_of_an_open_import_run_wait_until_it_closes(running: Product) -> None:
    run, due = uuid4(), now() - HOUR
    runs.open_run(running.record, run, "incidents", "0" * 64, "")
    (ticket,) = cases(running, [promise(due)], run)
    (other,) = cases(running, [promise(due)])
    with keeping_time(running):
        until(lambda: bool(noted(running, other)))
        assert noted(running, ticket) == []
        runs.close_run(running.record, run, due, 1, 0)
        until(lambda: bool(noted(running, ticket)))
    assert noted(running, ticket)[0].event.at == due


def test_told_late_and_done_in_time_a_breach_is_taken_back(running: Product) -> None:
    ticket, due = inquired(running, MONDAY)
    caught_up(running)
    note_all(running)
    answered = SendFirstResponse(ticket_id=ticket, text="Here it is", at=due - timedelta(minutes=5))
    running.dispatcher.dispatch(answered, CRM, uuid4())
    caught_up(running)
    note_all(running)
    types = [one.header.type for one in running.record.read_stream(ticket)]
    assert types.count("SlaBreached") == 1
    assert types[-2:] == ["SlaBreachRetracted", "SlaTimersFulfilled"]
    with connected(running.addresses.database_url) as connection:
        row = connection.execute("SELECT state, breached_at FROM read.sla_timers").fetchone()
    assert row == ("fulfilled", None)


def test_it_waits_for_an_index_that_is_not_there(running: Product) -> None:
    (ticket,) = cases(running, [promise(now() - HOUR)])
    note_all(running)
    assert noted(running, ticket) == []
    caught_up(running)
    note_all(running)
    assert len(noted(running, ticket)) == 1
