"""The quarterly screening found a customer without interaction or purchase for long (CB-8.3a)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from commands.command import Append, Command, Desk
from commands.customer.standing import find, recorded


class MarkDormant(Command):
    PURPOSE: ClassVar[str] = "dpv:CustomerRelationshipManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset({"crm_admin", "importer", "system"})

    customer_id: UUID
    last_activity: AwareDatetime | None = None


def mark_dormant(command: MarkDormant, desk: Desk) -> Append:
    history, customer = find(desk, command.customer_id)
    events = customer.mark_dormant(command.last_activity, **desk.when(command))
    return recorded(desk, history, events)
