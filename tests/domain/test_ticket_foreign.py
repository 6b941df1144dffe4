"""Histories of outside systems are recorded as they went, row by row."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.terms import Channel, WaitingFor
from domain.ticket.events import (
    InquiryReceived,
    TicketAssigned,
    TicketEvent,
    TicketReopened,
    TicketWaiting,
)
from domain.ticket.evolve import evolve
from domain.ticket.foreign import COUNTED, LEFT, Phase, SourceRow, follow
from domain.ticket.ticket import Ticket
from tests.examples import examples

NOON = datetime(2016, 2, 29, 12, tzinfo=UTC)
PHASES = {
    "New": (Phase.NEW, None),
    "Active": (Phase.WORKING, None),
    "Awaiting User Info": (Phase.WAITING, WaitingFor.CUSTOMER),
    "Awaiting Vendor": (Phase.WAITING, WaitingFor.VENDOR),
    "Resolved": (Phase.RESOLVED, None),
    "Closed": (Phase.CLOSED, None),
    "-100": (Phase.UNKNOWN, None),
}


def row(state: str, reopened: bool = False, **other: str) -> SourceRow:
    phase, waiting_for = PHASES[state]
    attributes = {"knowledge": other.pop("knowledge")} if "knowledge" in other else {}
    return SourceRow(
        state=state,
        phase=phase,
        waiting_for=waiting_for,
        reopened=reopened,
        attributes=attributes,
        **other,
    )


def replay(*rows: SourceRow) -> tuple[Ticket, list[list[TicketEvent]]]:
    ticket = evolve(None, InquiryReceived(customer=UUID(int=1), channel=Channel.PHONE, at=NOON))
    told = []
    for one in rows:
        told.append(follow(ticket, one, at=NOON))
        ticket = reduce(evolve, told[-1], ticket)
    return ticket, told


def names(*states: str) -> list[list[str]]:
    return [[type(e).__name__ for e in events] for events in replay(*map(row, states))[1]]


def path(told: list[list[TicketEvent]]) -> list[str]:
    seen: list[str] = []
    for event in (e for events in told for e in events):
        state = getattr(event, "source_state", None)
        if state is not None and seen[-1:] != [state]:
            seen.append(state)
    return seen


def test_a_plain_history() -> None:
    assert names("New", "Active", "Awaiting User Info", "Resolved", "Closed") == [
        ["TicketStateNoted"],
        ["TicketWorkStarted"],
        ["TicketWaiting"],
        ["TicketWaitingEnded", "TicketResolved"],
        ["TicketClosed"],
    ]


def test_a_history_that_skips_our_steps() -> None:
    assert names("Awaiting Vendor", "Closed", "Closed", "Active", "Closed") == [
        ["TicketWaiting"],
        ["TicketWaitingEnded", "TicketClosed"],
        ["TicketStateNoted"],
        ["TicketReopened", "TicketWorkStarted"],
        ["TicketClosed"],
    ]


def test_one_wait_follows_another() -> None:
    ticket, told = replay(row("Awaiting User Info"), row("Awaiting Vendor"))
    assert ticket.waiting_for is WaitingFor.VENDOR
    assert isinstance(told[1][-1], TicketWaiting)
    assert path(told) == ["Awaiting User Info", "Awaiting Vendor"]


def test_an_unknown_state_ends_a_wait_and_reopens_nothing() -> None:
    assert names("Awaiting User Info", "-100", "Resolved", "-100", "Resolved")[1:] == [
        ["TicketWaitingEnded"],
        ["TicketResolved"],
        ["TicketStateNoted"],
        ["TicketStateNoted"],
    ]


def test_leaving_resolved_and_being_counted_are_told_apart() -> None:
    ticket, told = replay(
        row("Resolved"), row("Active"), row("Resolved"), row("Resolved", reopened=True)
    )
    reopenings = [e.reason for events in told for e in events if isinstance(e, TicketReopened)]
    assert reopenings == [LEFT, COUNTED]
    assert (ticket.reopened, ticket.resolved) == (2, True)


def test_what_changes_besides_the_state_is_recorded_first() -> None:
    _, told = replay(
        row("New", owner="Resolver 9", group="Group 5", priority="3 - Moderate"),
        row("Active", group="Group 5", priority="2 - High", knowledge="true"),
    )
    assert [type(e).__name__ for e in told[1]] == [
        "TicketAssigned",
        "TicketPriorityChanged",
        "TicketAttributesNoted",
        "TicketWorkStarted",
    ]
    assigned = told[1][0]
    assert isinstance(assigned, TicketAssigned)
    assert (assigned.owner, assigned.previous_owner) == (None, "Resolver 9")


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(PHASES)), st.booleans()), max_size=15))
def test_any_history_leaves_its_rows_and_its_path(history: list[tuple[str, bool]]) -> None:
    ticket, told = replay(*(row(state, reopened) for state, reopened in history))
    assert all(told)
    states = [state for state, _ in history]
    assert path(told) == [s for i, s in enumerate(states) if i == 0 or states[i - 1] != s]
    if states:
        assert ticket.waiting_for is PHASES[states[-1]][1]
        assert ticket.closed or states[-1] != "Closed"
        assert ticket.resolved or states[-1] != "Resolved"
