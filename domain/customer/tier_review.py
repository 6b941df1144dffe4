"""A tier review: what applying a scheme to a customer's indicators leads to (CB-9.3a, CB-9.3b)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Unpack

from domain.customer.customer import Customer
from domain.customer.events import (
    CustomerEvent,
    CustomerTierChanged,
    CustomerTierEvaluated,
    TierChangeReason,
)
from domain.policy.tier import TierScheme
from domain.when import When


def evaluate_tier(
    customer: Customer,
    scheme: TierScheme,
    *,
    as_of: date,
    position: int,
    indicators: Mapping[str, Decimal],
    **when: Unpack[When],
) -> list[CustomerEvent]:
    """A change is recorded together with what it rests on.

    An evaluation of a day before the latest one is recorded and changes no tier.
    """
    customer.must_be_known()
    proposed = scheme.tier_of(indicators)
    evaluation = CustomerTierEvaluated(
        scheme=scheme.id,
        scheme_version=scheme.version,
        as_of=as_of,
        position=position,
        indicators=dict(indicators),
        proposed=proposed,
        **when,
    )
    latest = customer.evaluations.get(scheme.id)
    if latest is not None and replace(latest, **when) == evaluation:
        return []
    held = customer.tiers.get(scheme.id)
    if held is proposed or (latest is not None and as_of < latest.as_of):
        return [evaluation]
    change = CustomerTierChanged(
        scheme=scheme.id,
        scheme_version=scheme.version,
        from_tier=held,
        to_tier=proposed,
        reason=TierChangeReason.EVALUATION if held else TierChangeReason.FIRST_EVALUATION,
        as_of=as_of,
        previous_as_of=latest.as_of if latest else None,
        **when,
    )
    return [evaluation, change]
