"""How long a consent holds, for what, and what may go out under it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.customer import refusals
from domain.customer.consenting import (
    note_expired,
    release_marketing,
)
from domain.customer.customer import Customer
from domain.customer.events import (
    ConsentExpired,
    CustomerEvent,
    MarketingContactReleased,
    PersonalDataErased,
)
from domain.personal import Category, Personal
from domain.refusal import CustomerErased, Refused
from domain.terms import Channel, ConsentPurpose, ConsentScope, CustomerKind
from tests.domain.agreed import (
    DAY,
    DIRECT,
    LATER,
    NOON,
    PARTNER,
    PLAIN,
    RESEARCH,
    grant,
    known,
    shared_with,
    withdraw,
)

SECOND = timedelta(seconds=1)
ERASED = PersonalDataErased(categories=tuple(Category), keys=(), retained=(), at=LATER)


class TestValidity:
    @pytest.mark.clause("CB-15.2a", "CB-14.3a")
    def test_is_half_open_by_the_clock_whether_or_not_it_is_noted(self) -> None:
        customer = known(grant(expires_at=NOON + DAY))
        [noted] = note_expired(customer, NOON + 3 * DAY)
        assert noted == ConsentExpired(
            consent=UUID(int=1), purpose=DIRECT, scope=ConsentScope.OWN_USE, at=NOON + DAY
        )
        for held in (customer.consents, known(grant(expires_at=NOON + DAY), noted).consents):
            allowed = [
                held.valid_for(DIRECT, {Category.CONTACT}, None, NOON + moment) is not None
                for moment in (-SECOND, timedelta(), DAY - SECOND, DAY, DAY + SECOND)
            ]
            assert allowed == [False, True, True, False, False]

    def test_run_out_is_noted_once(self) -> None:
        customer = known(grant(expires_at=NOON + DAY))
        assert note_expired(customer, NOON + DAY - SECOND) == []
        noted = note_expired(customer, NOON + DAY)
        assert note_expired(known(grant(expires_at=NOON + DAY), *noted), NOON + 2 * DAY) == []

    def test_ends_with_an_erasure(self) -> None:
        held = known(grant(), ERASED).consents
        assert held.valid_for(DIRECT, (), None, LATER - SECOND) is not None
        assert held.valid_for(DIRECT, (), None, LATER) is None

    def test_does_not_end_with_half_an_erasure(self) -> None:
        half, rest = (
            replace(ERASED, categories=(Category.CONTACT,)),
            replace(ERASED, categories=tuple(set(Category) - {Category.CONTACT}), at=LATER + DAY),
        )
        held = known(grant(), half).consents
        assert held.valid_for(DIRECT, (), None, LATER + 2 * DAY) is not None
        assert held.after(rest).valid_for(DIRECT, (), None, LATER + 2 * DAY) is None

    @pytest.mark.clause("CB-14.3a")
    @pytest.mark.parametrize(
        ("purpose", "categories", "recipient", "abroad", "consent"),
        [
            (DIRECT, PLAIN, None, False, 1),
            (DIRECT, (), None, False, 1),
            (DIRECT, (Category.SENSITIVE,), None, False, 4),
            (DIRECT, (Category.CONTACT, Category.SENSITIVE), None, False, 1),
            (ConsentPurpose.MARKETING, PLAIN, None, False, None),
            (ConsentPurpose.CUSTOMER_CARE, PLAIN, None, False, None),
            ("dpv:NoSuchPurpose", PLAIN, None, False, None),
            (DIRECT, PLAIN, PARTNER, False, None),
            (RESEARCH, PLAIN, None, False, None),
            (RESEARCH, PLAIN, PARTNER, False, 2),
            (RESEARCH, PLAIN, "somebody-else", False, None),
            (RESEARCH, PLAIN, PARTNER, True, None),
            (RESEARCH, (Category.CONTACT,), PARTNER, True, 2),
            (RESEARCH, (Category.SENSITIVE,), PARTNER, False, None),
        ],
    )
    def test_is_for_this_very_use(
        self,
        purpose: str,
        categories: tuple[Category, ...],
        recipient: str | None,
        abroad: bool,
        consent: int | None,
    ) -> None:
        held = known(
            grant(1),
            shared_with(2),
            shared_with(3, scope=ConsentScope.CROSS_BORDER, categories=(Category.CONTACT,)),
            grant(4, scope=ConsentScope.SENSITIVE_DATA, categories=(Category.SENSITIVE,)),
        ).consents
        found = held.valid_for(purpose, categories, recipient, NOON, cross_border=abroad)
        assert found == (consent and UUID(int=consent))


class TestMarketing:
    def release(
        self, customer: Customer, at: datetime = LATER, purpose: ConsentPurpose = DIRECT
    ) -> list[CustomerEvent]:
        return release_marketing(
            customer,
            purpose,
            contact=UUID(int=9),
            channel=Channel.EMAIL,
            content=Personal("Our spring offers"),
            language=None,
            campaign="spring",
            at=at,
        )

    @pytest.mark.clause("CB-14.3a", "CB-9.2e")
    def test_goes_out_under_a_consent_that_holds(self) -> None:
        [released] = self.release(known(grant()))
        assert isinstance(released, MarketingContactReleased)
        assert (released.consent, released.campaign) == (UUID(int=1), "spring")

    @pytest.mark.clause("CB-14.3a", "OS-3.6-2b")
    @pytest.mark.parametrize(
        ("customer", "refusal"),
        [
            (known(), refusals.ConsentMissing),
            (known(grant(purpose=RESEARCH)), refusals.ConsentMissing),
            (known(grant(purpose=ConsentPurpose.MARKETING)), refusals.ConsentMissing),
            (known(grant(expires_at=LATER)), refusals.ConsentEnded),
            (known(grant(), *withdraw(known(grant()), LATER)), refusals.ConsentEnded),
            (known(grant(categories=(Category.IDENTITY,))), refusals.CategoryNotConsented),
            (known(grant(), ERASED), CustomerErased),
            (known(kind=CustomerKind.GUEST), refusals.GuestIsUnknown),
        ],
    )
    def test_is_refused_without(self, customer: Customer, refusal: type[Refused]) -> None:
        with pytest.raises(refusal):
            self.release(customer)

    def test_is_only_what_markets(self) -> None:
        with pytest.raises(refusals.NotMarketing):
            self.release(known(grant(purpose=RESEARCH)), purpose=RESEARCH)
