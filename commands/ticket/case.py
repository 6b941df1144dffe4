"""A ticket as a request finds it, and what was decided about it as a request records it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import cast
from uuid import UUID

from commands.command import Append, Desk, Guard, History
from domain.ticket.events import TicketEvent
from domain.ticket.evolve import evolve
from domain.ticket.ticket import Ticket


def find(desk: Desk, ticket_id: UUID) -> tuple[History, Ticket]:
    """Where the ticket's stream stands and what it adds up to; NotFound otherwise."""
    history = desk.load("ticket", ticket_id)
    return history, folded(history)


def folded(history: History) -> Ticket:
    ticket = reduce(evolve, cast("list[TicketEvent]", history.facts), cast("Ticket | None", None))
    assert ticket is not None, "a stream on record has a first fact"
    return ticket


def recorded(
    desk: Desk,
    history: History,
    events: list[TicketEvent],
    *,
    guards: Sequence[Guard] = (),
    status: str | None = None,
) -> Append:
    """What was decided, or an empty answer if that is nothing.

    Whoever records what somebody said guards the customer: an erased one has no keys to seal it.
    """
    ids = {"ticket": history.stream, "customer": history.subject}
    if not events:
        return Append(writes=[], ids=ids)
    write = desk.change(history, events, status=status)
    return Append(writes=[write], guards=guards, ids=ids)
