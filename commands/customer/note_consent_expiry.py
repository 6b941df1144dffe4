"""It is put on record which of a customer's consents have run out (CB-15.2a).

No use waits for that: a consent holds by the clock, noted or not.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.customer.standing import find, recorded
from domain.customer.consenting import note_expired


class NoteConsentExpiry(Command):
    """Looks at the clock, so `at` cannot be given. Twice is as good as once."""

    PURPOSE: ClassVar[str] = "dpv:LegalCompliance"
    ROLES: ClassVar[frozenset[str]] = frozenset({"system", "crm_admin", "compliance_officer"})

    at: None = None
    customer_id: UUID


def note_consent_expiry(command: NoteConsentExpiry, desk: Desk) -> Append:
    history, customer = find(desk, command.customer_id)
    return recorded(desk, history, note_expired(customer, desk.now))
