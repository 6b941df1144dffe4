"""A customer agrees to one use of their data, after being told what it is (CB-7.2b, CB-7.2c)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from commands.command import Append, Command, Desk
from commands.customer.standing import find, recorded
from commands.fields import Code, LanguageTag
from domain.customer.events import ConsentGranted
from domain.terms import Channel, ConsentForm, ConsentPurpose, ConsentScope


class GrantConsent(Command):
    """The notice is the text the customer was shown, by its version and language."""

    PURPOSE: ClassVar[str] = "dpv:CustomerRelationshipManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "crm_admin", "compliance_officer", "importer"}
    )

    customer_id: UUID
    purpose: ConsentPurpose
    scope: ConsentScope
    channel: Channel
    form: ConsentForm
    notice_version: Code
    notice_language: LanguageTag
    expires_at: AwareDatetime | None = None


def grant_consent(command: GrantConsent, desk: Desk) -> Append:
    history, customer = find(desk, command.customer_id)
    grant = ConsentGranted(
        consent=desk.new_id(),
        purpose=command.purpose,
        scope=command.scope,
        channel=command.channel,
        form=command.form,
        notice_version=command.notice_version,
        notice_language=command.notice_language,
        expires_at=command.expires_at,
        **desk.when(command),
    )
    return recorded(desk, history, customer.grant_consent(grant), consent=grant.consent)
