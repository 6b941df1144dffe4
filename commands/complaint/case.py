"""A complaint as a request finds it, and what was decided about it as a request records it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import cast
from uuid import UUID

from commands.command import Append, Desk, Guard, History
from domain.complaint.complaint import Complaint
from domain.complaint.events import ComplaintEvent
from domain.complaint.evolve import evolve


def find(desk: Desk, complaint_id: UUID) -> tuple[History, Complaint]:
    """Where the complaint's stream stands and what it adds up to; NotFound otherwise."""
    history = desk.load("complaint", complaint_id)
    return history, folded(history)


def folded(history: History) -> Complaint:
    complaint = reduce(
        evolve, cast("list[ComplaintEvent]", history.facts), cast("Complaint | None", None)
    )
    assert complaint is not None, "a stream on record has a first fact"
    return complaint


def recorded(
    desk: Desk,
    history: History,
    events: list[ComplaintEvent],
    *,
    guards: Sequence[Guard] = (),
    status: str | None = None,
) -> Append:
    """What was decided, or an empty answer if that is nothing.

    Whoever records what somebody said guards the customer: an erased one has no keys to seal it.
    """
    ids = {"complaint": history.stream, "customer": history.subject}
    if not events:
        return Append(writes=[], ids=ids)
    write = desk.change(history, events, status=status)
    return Append(writes=[write], guards=guards, ids=ids)
