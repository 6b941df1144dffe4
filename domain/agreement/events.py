"""Events of the confidentiality agreements with one recipient (CB-14.3d).

There is one stream per recipient, under an id made of its code, so that whoever hands data on can
hold it still. The subject is the recipient: the names of those who sign are sealed under its keys.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.event import Event
from domain.personal import Category, Identity
from domain.terms import Country


class ConfidentialityAgreementRegistered(Event):
    """A document for signing. `recipient` is the code of an organisation, `country` where it
    keeps the data; it covers `categories` from `valid_from` up to, not including, `valid_to`.
    `document_digest` is the SHA-256 of the document, in hex."""

    agreement: UUID
    recipient: str
    country: Country
    number: str
    categories: tuple[Category, ...]
    valid_from: datetime
    valid_to: datetime
    document_digest: str


class ConfidentialityAgreementSigned(Event):
    """Both sides have signed that very document. `signed_by` is a staff member of ours."""

    agreement: UUID
    signed_by: str
    countersigned_by: Identity
    document_digest: str


class EndOfAgreement(StrEnum):
    """Why an agreement holds no longer, before its time."""

    TERMINATED = "terminated"
    BREACHED = "breached"
    SUPERSEDED = "superseded"


class ConfidentialityAgreementEnded(Event):
    agreement: UUID
    why: EndOfAgreement


AgreementEvent = (
    ConfidentialityAgreementRegistered
    | ConfidentialityAgreementSigned
    | ConfidentialityAgreementEnded
)
