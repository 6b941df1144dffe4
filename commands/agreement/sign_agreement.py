"""Both sides have signed a confidentiality agreement (CB-14.3d)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from commands.agreement.standing import find, recorded
from commands.command import Append, Command, Desk
from commands.fields import Code, Digest, Name
from domain.personal import Personal


class SignAgreement(Command):
    """Whoever asks is the one who signed for us. `document_digest` is that of the document signed:
    it has to be the one registered."""

    PURPOSE: ClassVar[str] = "dpv:LegalCompliance"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"department_head", "management", "compliance_officer"}
    )

    recipient: Code
    agreement_id: UUID
    countersigned_by: Name = Field(repr=False)
    document_digest: Digest


def sign_agreement(command: SignAgreement, desk: Desk) -> Append:
    history, agreements = find(desk, command.recipient)
    events = agreements.sign(
        command.recipient,
        command.agreement_id,
        signed_by=desk.actor,
        countersigned_by=Personal(command.countersigned_by),
        document_digest=command.document_digest,
        **desk.when(command),
    )
    return recorded(desk, history, command.recipient, events, command.agreement_id)
