"""A ticket kept in an outside system, followed row by row.

Guards bind what our own staff do. Another system's history is recorded as it went: closed without
having been resolved, left again after it was closed, in a state nobody knows. Every row leaves at
least one event, so that a replay can tell how often the case was touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from enum import StrEnum
from typing import Unpack

from domain.event import Frozen
from domain.terms import WaitingFor
from domain.ticket.events import (
    TicketAssigned,
    TicketAttributesNoted,
    TicketClosed,
    TicketEvent,
    TicketPriorityChanged,
    TicketReopened,
    TicketResolved,
    TicketStateNoted,
    TicketWaiting,
    TicketWaitingEnded,
    TicketWorkStarted,
)
from domain.ticket.ticket import Ticket
from domain.when import When

COUNTED, LEFT = "counted_by_source", "left_resolved"
"""Why a followed ticket counts as reopened: the source counted it, or only left the state."""

Arrival = (
    TicketWorkStarted
    | TicketWaiting
    | TicketWaitingEnded
    | TicketResolved
    | TicketReopened
    | TicketClosed
)


class Phase(StrEnum):
    """What an outside state means to us. `unknown` neither resolves nor reopens anything."""

    NEW = "new"
    WORKING = "working"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class SourceRow(Frozen):
    """One row of an outside history: the case as it stood then.

    `waiting_for` goes with the phase `waiting`; `reopened`: the source counts one more reopening
    than in the row before; `attributes` are those that changed.
    """

    state: str
    phase: Phase
    waiting_for: WaitingFor | None = None
    reopened: bool = False
    owner: str | None = None
    group: str | None = None
    priority: str | None = None
    impact: str | None = None
    urgency: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


def follow(ticket: Ticket, row: SourceRow, **when: Unpack[When]) -> list[TicketEvent]:
    """What a row says that the ones before did not; never nothing."""
    events = [*_details(ticket, row, **when), *_state(ticket, row, **when)]
    return events or [TicketStateNoted(source_state=row.state, **when)]


def _details(ticket: Ticket, row: SourceRow, **when: Unpack[When]) -> list[TicketEvent]:
    events: list[TicketEvent] = []
    if (row.owner, row.group) != (ticket.owner, ticket.group):
        events.append(
            TicketAssigned(
                owner=row.owner,
                group=row.group,
                previous_owner=ticket.owner,
                previous_group=ticket.group,
                **when,
            )
        )
    ranked = (row.priority, row.impact, row.urgency)
    if row.priority is not None and ranked != (ticket.priority, ticket.impact, ticket.urgency):
        events.append(
            TicketPriorityChanged(
                priority=row.priority, impact=row.impact, urgency=row.urgency, **when
            )
        )
    if row.attributes:
        events.append(TicketAttributesNoted(attributes=dict(row.attributes), **when))
    return events


def _state(ticket: Ticket, row: SourceRow, **when: Unpack[When]) -> list[TicketEvent]:
    """The last step carries the source's state; a step without an event of its own is noted."""
    moved = row.state != ticket.seen_state
    if not moved and not row.reopened:
        return []
    steps = _steps(ticket, row, **when)
    if not steps:
        return [TicketStateNoted(source_state=row.state, **when)]
    return [*steps[:-1], replace(steps[-1], source_state=row.state)]


def _steps(ticket: Ticket, row: SourceRow, **when: Unpack[When]) -> list[Arrival]:
    steps: list[Arrival] = []
    waits_for = row.waiting_for if row.phase is Phase.WAITING else None
    if ticket.waiting_for not in (None, waits_for):
        steps.append(TicketWaitingEnded(**when))
    left = (ticket.resolved or ticket.closed) and row.phase in (
        Phase.NEW,
        Phase.WORKING,
        Phase.WAITING,
    )
    if left or row.reopened:
        steps.append(TicketReopened(reason=COUNTED if row.reopened else LEFT, **when))
    if row.phase is Phase.WORKING and not ticket.work_started:
        steps.append(TicketWorkStarted(**when))
    elif waits_for is not None and waits_for is not ticket.waiting_for:
        steps.append(TicketWaiting(waiting_for=waits_for, **when))
    elif row.phase is Phase.RESOLVED and (row.reopened or not ticket.resolved):
        steps.append(TicketResolved(**when))
    elif row.phase is Phase.CLOSED and (row.reopened or not ticket.closed):
        steps.append(TicketClosed(**when))
    return steps
