"""A hold ends. Whoever owns it does not release it alone (CB-14.1b)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.fields import Code
from commands.privacy.case import find, recorded


class ReleaseLegalHold(Command):
    PURPOSE: ClassVar[str] = "dpv:LegalCompliance"
    ROLES: ClassVar[frozenset[str]] = frozenset({"compliance_officer", "department_head"})

    customer_id: UUID
    hold: UUID
    ground: Code


def release_legal_hold(command: ReleaseLegalHold, desk: Desk) -> Append:
    history, case = find(desk, command.customer_id)
    events = case.release_hold(
        command.hold, by=desk.actor, ground=command.ground, **desk.when(command)
    )
    return recorded(desk, history, events)
