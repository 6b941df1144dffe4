"""Completing, noting and correcting, through the record."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from commands.customer.complete_profile import CompleteProfile
from commands.customer.correct_profile import CorrectProfile
from commands.customer.note_profile_change import NoteProfileChange
from commands.customer.register_customer import RegisterCustomer
from commands.fields import ProfileFields
from domain.customer.events import CustomerProfileChangeNoted, CustomerProfileUpdated
from domain.customer.profile import CorrectionReason, ProfileField
from domain.customer.provenance import written_in
from domain.customer.refusals import FieldAlreadyHeld, FieldNotHeld
from domain.refusal import Conflict, NotFound
from domain.terms import CollectionSource
from tests.commands.office import NOON, Office


def registered(office: Office) -> UUID:
    return office.ask(
        RegisterCustomer(
            collection_source=CollectionSource.CUSTOMER_SUBMITTED,
            country="GB",
            profile=ProfileFields(email="ada@example.org"),
        )
    ).ids["customer"]


def corrected(
    customer: UUID, email: str | None = None, country: str | None = None
) -> CorrectProfile:
    return CorrectProfile(
        customer_id=customer,
        why=CorrectionReason.CUSTOMER_REPORTED,
        profile=ProfileFields(email=email),
        country=country,
    )


@pytest.mark.clause("CB-8.1a", "RR-A-5.2")
def test_a_correction_cites_the_event_it_replaces(office: Office) -> None:
    customer = registered(office)
    office.ask(NoteProfileChange(customer_id=customer, fields=(ProfileField.EMAIL,)))
    office.now += timedelta(hours=1)
    office.ask(corrected(customer, email="ada@example.com", country="IE"))
    office.ask(corrected(customer, email="ada@example.net"))
    first, second = office.on_record(customer, CustomerProfileUpdated)
    origin = office.header(customer, "CustomerRegistered").event_id
    assert [(c.field, c.previous_event, c.learned_at, c.entered_by) for c in first.corrections] == [
        (ProfileField.EMAIL, origin, NOON, "ann"),
        (ProfileField.COUNTRY, origin, office.now, "ann"),
    ]
    assert first.profile.email is not None
    assert [c.previous_event for c in second.corrections] == [first.profile.email.recorded_in]


def test_noting_is_dated_by_when_it_was_learned(office: Office) -> None:
    customer = registered(office)
    learned = NOON - timedelta(days=2)
    office.ask(
        NoteProfileChange(
            customer_id=customer, fields=(ProfileField.EMAIL,), at=learned, learned_by="bob"
        )
    )
    [noted] = office.on_record(customer, CustomerProfileChangeNoted)
    assert (noted.at, noted.learned_at, noted.learned_by) == (learned, learned, "bob")


def test_removed_is_empty_and_can_be_completed(office: Office) -> None:
    customer = registered(office)
    complete = CompleteProfile(customer_id=customer, profile=ProfileFields(email="ada@example.net"))
    with pytest.raises(FieldAlreadyHeld):
        office.ask(complete)
    office.ask(
        CorrectProfile(
            customer_id=customer,
            why=CorrectionReason.NO_LONGER_NEEDED,
            remove=(ProfileField.EMAIL,),
        )
    )
    with pytest.raises(FieldNotHeld):
        office.ask(corrected(customer, email="ada@example.com"))
    assert written_in(office.record.read_stream(customer)).keys() == {ProfileField.COUNTRY}
    office.ask(complete)
    office.ask(corrected(customer, email="ada@example.com"))
    [_, update] = office.on_record(customer, CustomerProfileUpdated)
    completed = office.header(customer, "CustomerProfileCompleted").event_id
    assert update.corrections[0].previous_event == completed


def test_of_nobody_is_refused(office: Office) -> None:
    with pytest.raises(NotFound):
        office.ask(corrected(UUID(int=99), email="ada@example.com"))


def test_of_another_version_is_refused(office: Office) -> None:
    customer = registered(office)
    with pytest.raises(Conflict):
        office.ask(corrected(customer, country="IE"), expected=1)
    seen = len(office.types(customer))
    assert office.ask(corrected(customer, country="IE"), expected=seen).position is not None
