"""A tier scheme is applied to a customer, through the record."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from pydantic import ValidationError

from commands.customer.evaluate_tier import EvaluateTier, TierSchemeUnknown
from commands.customer.register_customer import RegisterCustomer
from domain.customer.events import CustomerTierChanged, CustomerTierEvaluated
from domain.policy.tier import IndicatorMissing
from domain.terms import CollectionSource, Tier
from tests.commands.office import Office


@pytest.fixture
def customer(office: Office) -> UUID:
    return office.ask(RegisterCustomer(collection_source=CollectionSource.PLATFORM_BACKEND)).ids[
        "customer"
    ]


def evaluation(customer: UUID, orders: int, net: str, scheme: str = "retail") -> EvaluateTier:
    return EvaluateTier(
        customer_id=customer,
        scheme=scheme,
        as_of=date(2010, 9, 30),
        position=41,
        indicators={"orders_365d": Decimal(orders), "net_365d": Decimal(net)},
    )


@pytest.mark.clause("CB-9.3a", "CB-9.3b")
def test_the_evaluation_and_the_change_are_recorded_together(
    office: Office, customer: UUID
) -> None:
    office.ask(evaluation(customer, 8, "5000.000"))
    assert office.types(customer)[-2:] == ["CustomerTierEvaluated", "CustomerTierChanged"]
    [evaluated] = office.on_record(customer, CustomerTierEvaluated)
    [changed] = office.on_record(customer, CustomerTierChanged)
    assert evaluated.indicators["net_365d"] == Decimal("5000")
    assert (evaluated.scheme_version, evaluated.position) == (1, 41)
    assert (changed.from_tier, changed.to_tier) == (None, Tier.CORE)
    assert office.ask(evaluation(customer, 8, "5000")).position is None


def test_a_scheme_not_in_force_is_refused(office: Office, customer: UUID) -> None:
    with pytest.raises(TierSchemeUnknown):
        office.ask(evaluation(customer, 8, "5000", scheme="wholesale"))


def test_a_missing_indicator_is_refused(office: Office, customer: UUID) -> None:
    incomplete = evaluation(customer, 8, "5000").model_copy(update={"indicators": {}})
    with pytest.raises(IndicatorMissing):
        office.ask(incomplete)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "much"])
def test_an_indicator_is_a_number(customer: UUID, number: str) -> None:
    with pytest.raises(ValidationError):
        EvaluateTier.model_validate(
            {
                "customer_id": customer,
                "scheme": "retail",
                "as_of": "2010-09-30",
                "position": 1,
                "indicators": {"net_365d": number},
            }
        )
