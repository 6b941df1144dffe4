"""A staff member as a request finds them, and what was decided as a request records it."""

from __future__ import annotations

from functools import reduce
from typing import cast
from uuid import UUID

from commands.command import Append, Desk, History
from domain.refusal import NotFound
from domain.staff.access import StaffAccess, staff_stream
from domain.staff.events import StaffEvent
from domain.staff.evolve import evolve

KIND = "staff"


def find(desk: Desk, staff: str) -> tuple[History, StaffAccess]:
    """Where the staff member's stream stands and what it adds up to; NotFound otherwise."""
    history = desk.record.history(staff_stream(staff))
    if history is None:
        raise NotFound(kind=KIND, id=staff)
    access = reduce(
        evolve, cast("list[StaffEvent]", history.facts), cast("StaffAccess | None", None)
    )
    assert access is not None, "a stream on record has a first fact"
    return history, access


def recorded(desk: Desk, history: History, events: list[StaffEvent], **ids: UUID) -> Append:
    """What was decided, or an empty answer if that is nothing."""
    writes = [desk.change(history, events)] if events else []
    return Append(writes=writes, ids={KIND: history.stream, **ids})
