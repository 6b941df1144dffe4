"""The customer says whether their account of the matter may be published."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.complaint.case import find, recorded
from domain.complaint.events import PublicationConsent


class RecordPublicationConsent(Command):
    PURPOSE: ClassVar[str] = "dpv:DisputeManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "supervisor", "complaint_officer", "crm_admin", "importer"}
    )

    complaint_id: UUID
    given: PublicationConsent


def record_publication_consent(command: RecordPublicationConsent, desk: Desk) -> Append:
    history, complaint = find(desk, command.complaint_id)
    events = complaint.record_publication_consent(command.given, **desk.when(command))
    return recorded(desk, history, events)
