"""Somebody learned that data held are out of date: the working day of CB-8.1a begins."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.customer.standing import find, recorded
from commands.fields import StaffId, Text, personal
from domain.customer.profile import ProfileField


class NoteProfileChange(Command):
    """`at` is when it was learned, `learned_by` who learned it (default: whoever asks)."""

    PURPOSE: ClassVar[str] = "dpv:CustomerRelationshipManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset({"agent", "sales", "supervisor", "crm_admin"})

    customer_id: UUID
    fields: tuple[ProfileField, ...]
    detail: Text | None = Field(default=None, repr=False)
    learned_by: StaffId | None = None


def note_profile_change(command: NoteProfileChange, desk: Desk) -> Append:
    history, customer = find(desk, command.customer_id)
    events = customer.note_change(
        command.fields,
        detail=personal(command.detail),
        learned_by=command.learned_by or desk.actor,
        **desk.when(command),
    )
    return recorded(desk, history, events)
