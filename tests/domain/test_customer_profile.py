"""Completing and correcting what is held of a customer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce
from uuid import UUID

import pytest

from domain.customer import refusals
from domain.customer.customer import Customer, register
from domain.customer.events import (
    Correction,
    CustomerEvent,
    CustomerProfileChangeNoted,
    CustomerProfileCompleted,
    CustomerProfileUpdated,
    CustomerRegistered,
)
from domain.customer.evolve import evolve
from domain.customer.profile import CorrectionReason, Profile, ProfileField
from domain.event import Precision
from domain.personal import Personal
from domain.terms import CollectionSource, CustomerKind

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=3)
FIRST = UUID(int=1)


def given(*events: CustomerEvent) -> Customer:
    customer = reduce(evolve, events, None)
    assert customer is not None
    return customer


def registered(
    kind: CustomerKind = CustomerKind.PERSON, profile: Profile | None = None
) -> CustomerRegistered:
    return CustomerRegistered(
        kind=kind,
        collection_source=CollectionSource.CUSTOMER_SUBMITTED,
        profile=profile or Profile(),
        at=NOON,
    )


def with_email() -> Customer:
    return given(registered(profile=Profile(email=Personal("a@example.org"))))


class TestRegistering:
    @pytest.mark.clause("CB-7.1a")
    def test_holds_what_was_given_and_no_more(self) -> None:
        assert with_email().held == {ProfileField.EMAIL}

    def test_a_guest_has_no_profile(self) -> None:
        named = registered(CustomerKind.GUEST, Profile(name=Personal("Ada")))
        with pytest.raises(refusals.GuestIsUnknown):
            register(named)
        unnamed = registered(CustomerKind.GUEST)
        assert register(unnamed) == [unnamed]


class TestCompleting:
    def test_fills_what_is_missing(self) -> None:
        phone = Profile(phone=Personal("+44 20 7946 0000"))
        events = with_email().complete(phone, country="GB", completed_by="ann", at=LATER)
        assert events == [
            CustomerProfileCompleted(
                fields=(ProfileField.PHONE, ProfileField.COUNTRY),
                profile=phone,
                country="GB",
                completed_by="ann",
                at=LATER,
            )
        ]
        assert reduce(evolve, events, with_email()).held == {
            ProfileField.EMAIL,
            ProfileField.PHONE,
            ProfileField.COUNTRY,
        }

    @pytest.mark.clause("RR-A-5.2")
    def test_does_not_write_over_what_is_held(self) -> None:
        with pytest.raises(refusals.FieldAlreadyHeld) as refused:
            with_email().complete(
                Profile(email=Personal("b@example.org")), completed_by="ann", at=LATER
            )
        assert refused.value.parameters == {"field": "email"}

    def test_of_nothing_is_refused(self) -> None:
        with pytest.raises(refusals.NothingGiven):
            with_email().complete(Profile(), completed_by="ann", at=LATER)

    def test_makes_an_anonymous_customer_known(self) -> None:
        nobody = given(registered(CustomerKind.ANONYMOUS))
        events = nobody.complete(
            Profile(company=Personal("Acme")),
            kind=CustomerKind.COMPANY,
            completed_by="ann",
            at=LATER,
        )
        assert reduce(evolve, events, nobody).kind is CustomerKind.COMPANY

    def test_leaves_a_known_kind_alone(self) -> None:
        with pytest.raises(refusals.KindAlreadyKnown):
            with_email().complete(
                Profile(), kind=CustomerKind.COMPANY, completed_by="ann", at=LATER
            )

    def test_of_a_guest_is_refused(self) -> None:
        guest = given(registered(CustomerKind.GUEST))
        with pytest.raises(refusals.GuestIsUnknown):
            guest.complete(Profile(name=Personal("Ada")), completed_by="ann", at=LATER)


class TestCorrecting:
    @pytest.mark.clause("CB-8.1a")
    def test_cites_what_it_replaces_and_when_it_was_learned(self) -> None:
        noted = CustomerProfileChangeNoted(
            fields=(ProfileField.EMAIL,), learned_at=NOON, learned_by="bob", at=NOON
        )
        email = Personal("b@example.org")
        [event] = evolve(with_email(), noted).correct(
            Profile(email=email),
            reason=CorrectionReason.CUSTOMER_REPORTED,
            entered_by="ann",
            written_in={ProfileField.EMAIL: FIRST},
            at=LATER,
        )
        assert isinstance(event, CustomerProfileUpdated)
        assert event.profile.email is email
        assert event.corrections == (
            Correction(
                field=ProfileField.EMAIL,
                previous_event=FIRST,
                learned_at=NOON,
                entered_by="ann",
                reason=CorrectionReason.CUSTOMER_REPORTED,
            ),
        )

    def test_settles_what_was_noted(self) -> None:
        noted = evolve(
            with_email(),
            CustomerProfileChangeNoted(
                fields=(ProfileField.EMAIL,), learned_at=NOON, learned_by="bob", at=NOON
            ),
        )
        assert noted.noted == {ProfileField.EMAIL: NOON}
        assert reduce(evolve, self._removal(noted), noted).noted == {}

    def test_can_remove_and_what_is_removed_can_be_completed_again(self) -> None:
        customer = with_email()
        emptied = reduce(evolve, self._removal(customer), customer)
        assert emptied.held == frozenset()
        assert emptied.complete(
            Profile(email=Personal("c@example.org")), completed_by="ann", at=LATER
        )
        with pytest.raises(refusals.FieldNotHeld):
            self._removal(emptied)

    def test_of_a_field_never_given_is_refused(self) -> None:
        with pytest.raises(refusals.FieldNotHeld) as refused:
            with_email().correct(
                Profile(phone=Personal("1")),
                reason=CorrectionReason.ENTRY_ERROR,
                entered_by="ann",
                written_in={},
                at=LATER,
            )
        assert refused.value.parameters == {"field": "phone"}

    def test_a_field_cannot_be_set_and_removed_at_once(self) -> None:
        with pytest.raises(refusals.FieldGivenTwice):
            with_email().correct(
                Profile(email=Personal("b@example.org")),
                remove=[ProfileField.EMAIL],
                reason=CorrectionReason.ENTRY_ERROR,
                entered_by="ann",
                written_in={ProfileField.EMAIL: FIRST},
                at=LATER,
            )

    @pytest.mark.parametrize(
        ("precision", "allowed"), [(Precision.INSTANT, False), (Precision.DAY, True)]
    )
    def test_is_not_entered_before_it_is_learned(self, precision: Precision, allowed: bool) -> None:
        def correct() -> list[CustomerEvent]:
            return with_email().correct(
                Profile(email=Personal("b@example.org")),
                reason=CorrectionReason.ENTRY_ERROR,
                learned_at=LATER,
                entered_by="ann",
                written_in={ProfileField.EMAIL: FIRST},
                at=NOON,
                at_precision=precision,
            )

        if allowed:
            assert len(correct()) == 1
        else:
            with pytest.raises(refusals.LearnedAfterwards):
                correct()

    @staticmethod
    def _removal(customer: Customer) -> list[CustomerEvent]:
        return customer.correct(
            Profile(),
            remove=[ProfileField.EMAIL],
            reason=CorrectionReason.NO_LONGER_NEEDED,
            entered_by="ann",
            written_in={ProfileField.EMAIL: FIRST},
            at=LATER,
        )


class TestNotingAChange:
    def test_keeps_the_first_moment_of_knowledge(self) -> None:
        customer = with_email()
        for at in (NOON, LATER):
            [event] = customer.note_change([ProfileField.EMAIL], learned_by="bob", at=at)
            assert isinstance(event, CustomerProfileChangeNoted)
            assert event.learned_at == event.at == at
            customer = evolve(customer, event)
        assert customer.noted == {ProfileField.EMAIL: NOON}

    def test_of_a_field_not_held_is_refused(self) -> None:
        with pytest.raises(refusals.FieldNotHeld):
            with_email().note_change([ProfileField.ADDRESS], learned_by="bob", at=NOON)

    def test_of_nothing_is_refused(self) -> None:
        with pytest.raises(refusals.NothingGiven):
            with_email().note_change([], learned_by="bob", at=NOON)
