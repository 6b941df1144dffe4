"""The point of no return: recorded only while no hold stands in the way."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.privacy.case import SYSTEM, find, recorded


class BeginDestruction(Command):
    PURPOSE: ClassVar[str] = "dpv:RightsFulfilment"
    ROLES: ClassVar[frozenset[str]] = SYSTEM

    customer_id: UUID
    request: UUID


def begin_destruction(command: BeginDestruction, desk: Desk) -> Append:
    history, case = find(desk, command.customer_id)
    return recorded(desk, history, case.begin(command.request, **desk.when(command)))
