"""The categories asked for are restricted at once: stop using comes before erasing."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.privacy.case import SYSTEM, find, recorded
from domain.privacy.events import ProcessingRestricted


class RestrictProcessing(Command):
    """The keys are restricted before it is recorded; doing so twice changes nothing."""

    PURPOSE: ClassVar[str] = "dpv:RightsFulfilment"
    ROLES: ClassVar[frozenset[str]] = SYSTEM

    customer_id: UUID
    request: UUID


def restrict_processing(command: RestrictProcessing, desk: Desk) -> Append:
    history, case = find(desk, command.customer_id)
    events = case.restrict(command.request, **desk.when(command))
    for event in events:
        if isinstance(event, ProcessingRestricted):
            desk.keys.restrict(history.subject, set(event.categories) - case.gone)
    return recorded(desk, history, events)
