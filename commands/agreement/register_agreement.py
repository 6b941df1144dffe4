"""A confidentiality agreement with a recipient of personal data is put on record (CB-14.3d)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime

from commands.agreement.standing import find, recorded
from commands.command import Append, Command, Desk
from commands.fields import Categories, Code, CountryCode, Digest
from domain.agreement.events import ConfidentialityAgreementRegistered


class RegisterAgreement(Command):
    """`recipient` is the code of an organisation, `country` where it keeps the data, `number` that
    of the document. Registering the same again is answered with what is on record."""

    PURPOSE: ClassVar[str] = "dpv:LegalCompliance"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"crm_admin", "compliance_officer", "department_head"}
    )

    recipient: Code
    country: CountryCode
    number: Code
    categories: Categories
    valid_from: AwareDatetime
    valid_to: AwareDatetime
    document_digest: Digest


def register_agreement(command: RegisterAgreement, desk: Desk) -> Append:
    history, agreements = find(desk, command.recipient)
    known = [t.agreement for t in agreements.terms.values() if t.number == command.number]
    agreement = known[0] if known else desk.new_id()
    events = agreements.register(
        ConfidentialityAgreementRegistered(
            agreement=agreement,
            recipient=command.recipient,
            country=command.country,
            number=command.number,
            categories=command.categories,
            valid_from=command.valid_from,
            valid_to=command.valid_to,
            document_digest=command.document_digest,
            **desk.when(command),
        )
    )
    return recorded(desk, history, command.recipient, events, agreement)
