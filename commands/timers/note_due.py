"""What fell due in a case is noted: warnings, breaches, the steps of escalations."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.timers.case import found


class NoteDue(Command):
    """Each is noted at the instant at which it fell due, however late this is asked; what had been
    noted before is not noted twice."""

    PURPOSE: ClassVar[str] = "dpv:ServiceProvision"
    ROLES: ClassVar[frozenset[str]] = frozenset({"system"})

    case_id: UUID


def note_due(command: NoteDue, desk: Desk) -> Append:
    history = found(desk, command.case_id)
    write = desk.noted(history, [], desk.when(command)["at"])
    ids = {history.kind: history.stream, "customer": history.subject}
    return Append(writes=[write] if write.events else [], ids=ids)
