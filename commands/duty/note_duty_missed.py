"""The time of a duty is over, and it was not done: that is noted."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.duty.record import find, recorded


class NoteDutyMissed(Command):
    """At the instant by which it was due, however late this is asked; never twice, and not what was
    done in time."""

    PURPOSE: ClassVar[str] = "dpv:RecordManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset({"system"})

    duty_id: UUID


def note_duty_missed(command: NoteDutyMissed, desk: Desk) -> Append:
    history, duty = find(desk, command.duty_id)
    return recorded(desk, history, duty.miss(desk.now))
