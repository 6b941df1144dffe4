"""A contact with a customer is recorded; a dormant customer is so no longer."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.customer.standing import find, recorded
from commands.fields import LanguageTag, StaffId, Text
from domain.customer.consenting import record_contact
from domain.customer.events import InteractionRecorded
from domain.personal import Personal
from domain.terms import Channel, Direction


class RecordInteraction(Command):
    """One of ours that is recorded under a marketing purpose needs a consent (CB-14.3a)."""

    PURPOSE: ClassVar[str] = "dpv:CustomerCare"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "complaint_officer", "crm_admin", "importer"}
    )

    customer_id: UUID
    channel: Channel
    direction: Direction
    content: Text = Field(repr=False)
    language: LanguageTag | None = None
    staff: StaffId | None = None


def record_interaction(command: RecordInteraction, desk: Desk) -> Append:
    history, customer = find(desk, command.customer_id)
    contact = InteractionRecorded(
        channel=command.channel,
        direction=command.direction,
        content=Personal(command.content),
        language=command.language,
        staff=command.staff,
        **desk.when(command),
    )
    return recorded(desk, history, record_contact(customer, contact, purpose=desk.purpose))
