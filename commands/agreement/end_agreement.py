"""A confidentiality agreement ends before its time; nothing more goes out under it (CB-14.3d)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.agreement.standing import find, recorded
from commands.command import Append, Command, Desk
from commands.fields import Code
from domain.agreement.events import EndOfAgreement


class EndAgreement(Command):
    """It ends when that is recorded, so `at` cannot be given."""

    PURPOSE: ClassVar[str] = "dpv:LegalCompliance"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"crm_admin", "department_head", "management", "compliance_officer"}
    )

    at: None = None
    recipient: Code
    agreement_id: UUID
    why: EndOfAgreement


def end_agreement(command: EndAgreement, desk: Desk) -> Append:
    history, agreements = find(desk, command.recipient)
    events = agreements.end(
        command.recipient, command.agreement_id, command.why, **desk.when(command)
    )
    return recorded(desk, history, command.recipient, events, command.agreement_id)
