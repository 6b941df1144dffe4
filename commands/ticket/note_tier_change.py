"""A customer's tier changed while a ticket of theirs is open."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.ticket.case import find, recorded
from domain.terms import Tier


class NoteTierChange(Command):
    """Moves a running promise only where its rule follows the tier."""

    ROLES: ClassVar[frozenset[str]] = frozenset({"supervisor", "crm_admin", "system"})

    ticket_id: UUID
    tier: Tier


def note_tier_change(command: NoteTierChange, desk: Desk) -> Append:
    history, ticket = find(desk, command.ticket_id)
    return recorded(desk, history, ticket.note_tier(command.tier, **desk.when(command)))
