"""A customer is told what their data are collected for, before they agree to it (CB-7.2b)."""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.customer.standing import find, recorded
from commands.fields import Categories, Code, Digest, Duration, LanguageTag, Recipients
from domain.customer.consenting import give_notice
from domain.customer.events import CollectionNoticeGiven
from domain.terms import Channel, ConsentPurpose


class GiveCollectionNotice(Command):
    """`text_digest` is the SHA-256 of the text shown, `retention` how long the data are kept."""

    PURPOSE: ClassVar[str] = "dpv:CustomerRelationshipManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "crm_admin", "compliance_officer", "importer"}
    )

    customer_id: UUID
    version: Code
    language: LanguageTag
    purposes: Annotated[tuple[ConsentPurpose, ...], Field(min_length=1, max_length=50)]
    categories: Categories
    recipients: Recipients = ()
    retention: Duration
    text_digest: Digest
    channel: Channel


def give_collection_notice(command: GiveCollectionNotice, desk: Desk) -> Append:
    history, customer = find(desk, command.customer_id)
    notice = CollectionNoticeGiven(
        notice=desk.new_id(),
        version=command.version,
        language=command.language,
        purposes=command.purposes,
        categories=command.categories,
        recipients=command.recipients,
        retention=command.retention,
        text_digest=command.text_digest,
        channel=command.channel,
        **desk.when(command),
    )
    return recorded(desk, history, give_notice(customer, notice), notice=notice.notice)
