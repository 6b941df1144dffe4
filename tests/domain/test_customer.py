"""Consent, interaction, dormancy, tiers and erasure of a customer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import reduce

import pytest

from domain.customer import refusals
from domain.customer.customer import Customer
from domain.customer.events import (
    CustomerEvent,
    CustomerMarkedDormant,
    CustomerReactivated,
    CustomerRegistered,
    CustomerTierChanged,
    CustomerTierEvaluated,
    InteractionRecorded,
    PersonalDataErased,
    ReactivationCause,
    Retained,
    TierChangeReason,
)
from domain.customer.evolve import evolve
from domain.customer.tier_review import evaluate_tier
from domain.keys import DestroyedKey
from domain.personal import Category, Personal
from domain.policy.tier import TierRow, TierScheme
from domain.terms import (
    Channel,
    CollectionSource,
    CustomerKind,
    Direction,
    Tier,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=3)
DAY = timedelta(days=1)
SPENT = TierScheme(
    id="spent",
    version=2,
    clause="CB-9.1c",
    says="By amount.",
    zone="UTC",
    currency="EUR",
    window_days=365,
    indicators=("net",),
    rows=[
        TierRow(tier=Tier.CORE, clause="CB-9.1a", says="", at_least={"net": Decimal(100)}),
        TierRow(tier=Tier.NORMAL, clause="CB-9.1a", says="", at_least={}),
    ],
)

KEYS = tuple(
    DestroyedKey(category=category, generation=1, commitment="00")
    for category in (Category.IDENTITY, Category.CONTACT)
)


def given(*events: CustomerEvent, kind: CustomerKind = CustomerKind.PERSON) -> Customer:
    first = CustomerRegistered(
        kind=kind, collection_source=CollectionSource.MARKET_RESEARCH, at=NOON
    )
    customer = reduce(evolve, events, evolve(None, first))
    assert customer is not None
    return customer


def contact(at: datetime) -> InteractionRecorded:
    return InteractionRecorded(
        channel=Channel.PHONE, direction=Direction.INBOUND, content=Personal("Hello"), at=at
    )


class TestDormancy:
    dormant = CustomerMarkedDormant(last_activity=NOON - 400 * DAY, at=LATER)

    @pytest.mark.clause("CB-8.3a", "CB-8.3b")
    def test_is_marked_once(self) -> None:
        assert given().mark_dormant(NOON - 400 * DAY, at=LATER) == [self.dormant]
        assert given(self.dormant).mark_dormant(None, at=LATER + DAY) == []

    def test_ends_with_an_interaction(self) -> None:
        call = contact(LATER + DAY)
        assert given(self.dormant).record_interaction(call) == [
            call,
            CustomerReactivated(cause=ReactivationCause.INTERACTION, at=LATER + DAY),
        ]

    def test_does_not_end_with_one_from_before(self) -> None:
        call = contact(NOON)
        assert given(self.dormant).record_interaction(call) == [call]

    def test_ends_with_a_purchase_and_only_once(self) -> None:
        customer = given(self.dormant)
        events = customer.reactivate(ReactivationCause.PURCHASE, at=LATER + DAY)
        assert events == [CustomerReactivated(cause=ReactivationCause.PURCHASE, at=LATER + DAY)]
        active = reduce(evolve, events, customer)
        assert active.reactivate(ReactivationCause.PURCHASE, at=LATER + DAY) == []


def evaluate(customer: Customer, day: date, net: str, position: int = 7) -> list[CustomerEvent]:
    return evaluate_tier(
        customer, SPENT, as_of=day, position=position, indicators={"net": Decimal(net)}, at=LATER
    )


def evaluated(day: date, net: str, proposed: Tier, position: int = 7) -> CustomerTierEvaluated:
    return CustomerTierEvaluated(
        scheme="spent",
        scheme_version=2,
        as_of=day,
        position=position,
        indicators={"net": Decimal(net)},
        proposed=proposed,
        at=LATER,
    )


class TestTier:
    march, june = date(2026, 3, 31), date(2026, 6, 30)

    @pytest.mark.clause("CB-9.3a", "CB-9.3b")
    def test_first_evaluation_gives_one(self) -> None:
        assert evaluate(given(), self.march, "99.999") == [
            evaluated(self.march, "99.999", Tier.NORMAL),
            CustomerTierChanged(
                scheme="spent",
                scheme_version=2,
                from_tier=None,
                to_tier=Tier.NORMAL,
                reason=TierChangeReason.FIRST_EVALUATION,
                as_of=self.march,
                at=LATER,
            ),
        ]

    def test_changes_when_the_indicators_say_so(self) -> None:
        customer = given(*evaluate(given(), self.march, "5"))
        assert evaluate(customer, self.june, "100")[1:] == [
            CustomerTierChanged(
                scheme="spent",
                scheme_version=2,
                from_tier=Tier.NORMAL,
                to_tier=Tier.CORE,
                reason=TierChangeReason.EVALUATION,
                as_of=self.june,
                previous_as_of=self.march,
                at=LATER,
            )
        ]

    def test_stays_when_they_do_not(self) -> None:
        customer = given(*evaluate(given(), self.march, "5"))
        assert evaluate(customer, self.june, "6") == [evaluated(self.june, "6", Tier.NORMAL)]

    def test_asked_twice_is_evaluated_once(self) -> None:
        customer = given(*evaluate(given(), self.march, "5"))
        assert evaluate(customer, self.march, "5") == []

    def test_the_same_day_again_can_change_it(self) -> None:
        customer = given(*evaluate(given(), self.march, "5"))
        [_, change] = evaluate(customer, self.march, "500", position=8)
        assert isinstance(change, CustomerTierChanged)
        assert (change.from_tier, change.to_tier) == (Tier.NORMAL, Tier.CORE)

    def test_an_earlier_day_is_recorded_and_changes_nothing(self) -> None:
        customer = given(*evaluate(given(), self.june, "5"))
        late = evaluate(customer, self.march, "500")
        assert late == [evaluated(self.march, "500", Tier.CORE)]
        assert reduce(evolve, late, customer).tiers == {"spent": Tier.NORMAL}
        assert reduce(evolve, late, customer).evaluations["spent"].as_of == self.june

    def test_a_guest_has_none(self) -> None:
        with pytest.raises(refusals.GuestIsUnknown):
            evaluate(given(kind=CustomerKind.GUEST), self.march, "5")


class TestErasing:
    @pytest.mark.clause("CB-15.2b")
    def test_names_the_keys_destroyed_and_what_stays(self) -> None:
        assert given().erase(KEYS, at=LATER) == [
            PersonalDataErased(
                categories=(
                    Category.IDENTITY,
                    Category.CONTACT,
                    Category.CONTENT,
                    Category.SENSITIVE,
                ),
                keys=KEYS,
                retained=tuple(Retained),
                at=LATER,
            )
        ]

    def test_happens_once(self) -> None:
        assert given(*given().erase([], at=LATER)).erase([], at=LATER) == []
