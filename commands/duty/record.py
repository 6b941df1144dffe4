"""A period of a duty as a request finds it, and what was decided as a request records it."""

from __future__ import annotations

from functools import reduce
from typing import cast
from uuid import UUID

from commands.command import Append, Desk, History
from domain.duty.duty import Duty, evolve
from domain.duty.events import DutyEvent

KIND = "duty"


def find(desk: Desk, duty: UUID) -> tuple[History, Duty]:
    """NotFound if no period was opened under this id."""
    history = desk.load(KIND, duty)
    found = reduce(evolve, cast("list[DutyEvent]", history.facts), cast("Duty | None", None))
    assert found is not None, "a stream on record has a first fact"
    return history, found


def recorded(desk: Desk, history: History, events: list[DutyEvent]) -> Append:
    """What was decided, or an empty answer if that is nothing."""
    writes = [desk.change(history, events)] if events else []
    return Append(writes=writes, ids={KIND: history.stream})
