"""A customer agrees to one use of their data, after being told what it is (CB-7.2b, CB-7.2c)."""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from commands.command import Append, Command, Desk
from commands.customer.standing import find, recorded
from commands.fields import (
    Categories,
    Code,
    Digest,
    Duration,
    LanguageTag,
    Recipients,
    personal,
)
from domain.customer.consenting import grant_consent as decide
from domain.customer.events import ConsentGranted
from domain.terms import Channel, ConsentForm, ConsentPurpose, ConsentScope


class GrantConsent(Command):
    """The notice is the text the customer was shown, by its version and language; it was given
    before. `recipients` are named where data go to others, and nowhere else. `proof` is evidence
    that is personal itself and is sealed; `proof_digest` that of a document kept elsewhere."""

    PURPOSE: ClassVar[str] = "dpv:CustomerRelationshipManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "crm_admin", "compliance_officer", "importer"}
    )

    customer_id: UUID
    purpose: ConsentPurpose
    scope: ConsentScope
    categories: Categories
    recipients: Recipients = ()
    channel: Channel
    form: ConsentForm
    proof: Annotated[str, StringConstraints(min_length=1, max_length=10_000)] | None = Field(
        default=None, repr=False
    )
    proof_digest: Digest | None = None
    notice_version: Code
    notice_language: LanguageTag
    retention: Duration | None = None
    expires_at: AwareDatetime | None = None


def grant_consent(command: GrantConsent, desk: Desk) -> Append:
    history, customer = find(desk, command.customer_id)
    grant = ConsentGranted(
        consent=desk.new_id(),
        purpose=command.purpose,
        scope=command.scope,
        categories=command.categories,
        recipients=command.recipients,
        channel=command.channel,
        form=command.form,
        proof=personal(command.proof),
        proof_digest=command.proof_digest,
        notice_version=command.notice_version,
        notice_language=command.notice_language,
        retention=command.retention,
        expires_at=command.expires_at,
        **desk.when(command),
    )
    return recorded(desk, history, decide(customer, grant), consent=grant.consent)
