"""A customer is put on record, with as much as is known so far."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, model_validator

from commands.command import Append, Command, Desk, ExternalRef
from commands.fields import (
    Code,
    CountryCode,
    JurisdictionCode,
    LanguageTag,
    MarketCode,
    Name,
    ProfileFields,
)
from domain.customer.customer import register
from domain.customer.events import CustomerRegistered
from domain.terms import CollectionSource, CustomerKind


class RegisterCustomer(Command):
    """`source` and `external_id` together are how an outside system calls this person: whoever is
    known by them already is the answer, and nothing is recorded."""

    PURPOSE: ClassVar[str] = "dpv:CustomerRelationshipManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "crm_admin", "importer"}
    )

    kind: CustomerKind = CustomerKind.PERSON
    collection_source: CollectionSource
    market: MarketCode | None = None
    jurisdiction: JurisdictionCode | None = None
    sales_channel: Code | None = None
    form_number: Code | None = None
    collected_by: Code | None = None
    department: Code | None = None
    country: CountryCode | None = None
    language: LanguageTag | None = None
    profile: ProfileFields = ProfileFields()
    source: Code | None = None
    external_id: Name | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _known_by_somebody(self) -> RegisterCustomer:
        if self.external_id is not None and self.source is None:
            raise ValueError("external_id needs the source it is from")
        if self.external_id is not None and self.kind is CustomerKind.GUEST:
            raise ValueError("a guest has no external_id")
        return self


def register_customer(command: RegisterCustomer, desk: Desk) -> Append:
    external: tuple[ExternalRef, ...] = ()
    customer_id = desk.new_id()
    if command.source is not None and command.external_id is not None:
        known = desk.record.external(command.source, command.external_id)
        if known is not None:
            return Append(writes=[], ids={"customer": known})
        external = (
            ExternalRef(
                source=command.source, external_id=command.external_id, subject=customer_id
            ),
        )
    events = register(
        CustomerRegistered(
            kind=command.kind,
            market=command.market,
            jurisdiction=command.jurisdiction,
            collection_source=command.collection_source,
            sales_channel=command.sales_channel,
            form_number=command.form_number,
            collected_by=command.collected_by,
            department=command.department,
            source=command.source,
            country=command.country,
            language=command.language,
            profile=command.profile.wrapped(),
            **desk.when(command),
        )
    )
    return Append(
        writes=[desk.begin("customer", customer_id, customer_id, events, market=command.market)],
        external=external,
        ids={"customer": customer_id},
    )
