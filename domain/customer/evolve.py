"""How the events of a customer add up. Refuses nothing: what was allowed then stays readable."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from domain.customer.customer import Customer
from domain.customer.events import (
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
    InteractionRecorded,
    PersonalDataErased,
)
from domain.customer.profile import fields_given


def evolve(customer: Customer | None, event: CustomerEvent) -> Customer:
    if isinstance(event, CustomerRegistered):
        given = fields_given(event.profile, event.country, event.language)
        return Customer(kind=event.kind, held=frozenset(given))
    assert customer is not None, "a customer's history begins with CustomerRegistered"
    match event:
        case CustomerProfileCompleted():
            return replace(
                customer, kind=event.kind or customer.kind, held=customer.held | {*event.fields}
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
            )
        case InteractionRecorded():
            return customer
        case ConsentGranted():
            key = (event.purpose, event.scope)
            return replace(customer, consents={**customer.consents, key: event})
        case ConsentWithdrawn():
            rest = {k: c for k, c in customer.consents.items() if c.consent != event.consent}
            return replace(customer, consents=rest)
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
            return replace(customer, erased=True)
        case _:
            assert_never(event)
