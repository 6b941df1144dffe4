"""How the events of a customer add up. Refuses nothing: what was allowed then stays readable."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from domain.customer.customer import Customer
from domain.customer.events import (
    CollectionNoticeGiven,
    ConsentExpired,
    ConsentGranted,
    ConsentWithdrawn,
    CustomerEvent,
    CustomerMarkedDormant,
    CustomerProfileChangeNoted,
    CustomerProfileCompleted,
    CustomerProfileUpdated,
    CustomerReactivated,
    CustomerRegistered,
    CustomerTierChanged,
    CustomerTierEvaluated,
    DataShared,
    InteractionRecorded,
    MarketingContactReleased,
    PersonalDataErased,
)
from domain.customer.profile import ProfileField, fields_given
from domain.personal import Category


def evolve(customer: Customer | None, event: CustomerEvent) -> Customer:
    if isinstance(event, CustomerRegistered):
        given = fields_given(event.profile, event.country, event.language)
        return Customer(
            kind=event.kind,
            held=frozenset(given),
            jurisdiction=event.jurisdiction,
            country=event.country,
            language=event.language,
        )
    assert customer is not None, "a customer's history begins with CustomerRegistered"
    match event:
        case CustomerProfileCompleted():
            return replace(
                customer,
                kind=event.kind or customer.kind,
                held=customer.held | {*event.fields},
                country=event.country or customer.country,
                language=event.language or customer.language,
            )
        case CustomerProfileChangeNoted():
            noted = dict.fromkeys(event.fields, event.learned_at)
            return replace(customer, noted={**noted, **customer.noted})
        case CustomerProfileUpdated():
            settled = {c.field for c in event.corrections}
            removed = {c.field for c in event.corrections if c.removed}
            return replace(
                customer,
                held=customer.held - removed,
                noted={f: at for f, at in customer.noted.items() if f not in settled},
                country=event.country
                or (None if ProfileField.COUNTRY in removed else customer.country),
                language=event.language
                or (None if ProfileField.LANGUAGE in removed else customer.language),
            )
        case InteractionRecorded() | MarketingContactReleased() | DataShared():
            return customer
        case CollectionNoticeGiven():
            return replace(customer, notices=(*customer.notices, event))
        case ConsentGranted() | ConsentWithdrawn() | ConsentExpired():
            return replace(customer, consents=customer.consents.after(event))
        case CustomerTierEvaluated():
            latest = customer.evaluations.get(event.scheme)
            if latest is not None and event.as_of < latest.as_of:
                return customer
            return replace(customer, evaluations={**customer.evaluations, event.scheme: event})
        case CustomerTierChanged():
            return replace(customer, tiers={**customer.tiers, event.scheme: event.to_tier})
        case CustomerMarkedDormant():
            return replace(customer, dormant_since=event.at)
        case CustomerReactivated():
            return replace(customer, dormant_since=None)
        case PersonalDataErased():
            gone = customer.gone | {*event.categories}
            return replace(
                customer,
                gone=gone,
                erased=gone.issuperset(Category),
                consents=customer.consents.after(event),
            )
        case _:
            assert_never(event)
