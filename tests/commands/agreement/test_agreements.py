"""Agreements with a recipient and what goes there, through the record."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from pydantic import ValidationError

from commands.agreement.end_agreement import EndAgreement
from commands.command import Command
from commands.customer.register_customer import RegisterCustomer
from domain.agreement.agreement import recipient_id
from domain.agreement.events import ConfidentialityAgreementSigned, EndOfAgreement
from domain.agreement.refusals import (
    AgreementIsOver,
    AgreementMissing,
    AgreementNotInForce,
    AgreementNotSigned,
    NoSuchAgreement,
)
from domain.customer.events import DataShared
from domain.customer.refusals import ConsentEnded, ConsentMissing
from domain.refusal import Refused
from domain.terms import CollectionSource, ConsentScope
from infra.dispatch import Caller, Dispatcher, RoleNotAllowed
from infra.vault.kek import InstallationKey
from tests.commands.consenting import (
    agreement,
    consent_to_share,
    notice,
    sharing,
    signature,
    withdrawal,
)
from tests.commands.office import NOON, Office
from tests.domain.agreed import DAY, DIGEST, PARTNER, RESEARCH

STREAM = recipient_id(PARTNER)


@pytest.fixture
def customer(office: Office) -> UUID:
    """Lives in Germany, was told and agreed that the partner gets data for research."""
    made = office.ask(
        RegisterCustomer(collection_source=CollectionSource.CUSTOMER_SUBMITTED, jurisdiction="DE")
    ).ids["customer"]
    office.ask(notice(made))
    office.ask(consent_to_share(made))
    return made


@pytest.fixture
def agreed(office: Office) -> UUID:
    made = office.ask(agreement(NOON - DAY, NOON + 365 * DAY)).ids["agreement"]
    office.ask(signature(made), role="department_head")
    return made


@pytest.mark.clause("CB-14.3d")
def test_data_go_out_under_consent_and_agreement(
    office: Office, customer: UUID, agreed: UUID
) -> None:
    office.ask(sharing(customer))
    [shared] = office.on_record(customer, DataShared)
    assert (shared.recipient, shared.agreement, shared.digest) == (PARTNER, agreed, DIGEST)
    header = office.header(customer, "DataShared")
    assert (header.legal_basis, header.consent_id) == ("dpv:Consent", shared.consent)


@pytest.mark.clause("CB-14.3d")
def test_data_do_not_go_out_without_an_agreement(office: Office, customer: UUID) -> None:
    with pytest.raises(AgreementMissing):
        office.ask(sharing(customer))
    made = office.ask(agreement(NOON + DAY, NOON + 2 * DAY)).ids["agreement"]
    with pytest.raises(AgreementNotSigned):
        office.ask(sharing(customer))
    office.ask(signature(made), role="management")
    with pytest.raises(AgreementNotInForce):
        office.ask(sharing(customer))
    office.now += DAY
    office.ask(sharing(customer))
    office.now += DAY
    with pytest.raises(AgreementNotInForce):
        office.ask(sharing(customer))
    assert office.types(customer).count("DataShared") == 1


@pytest.mark.clause("CB-14.3d")
def test_nothing_goes_out_once_the_agreement_was_ended(
    office: Office, customer: UUID, agreed: UUID
) -> None:
    end = EndAgreement(recipient=PARTNER, agreement_id=agreed, why=EndOfAgreement.BREACHED)
    office.ask(end)
    with pytest.raises(AgreementNotInForce):
        office.ask(sharing(customer))
    with pytest.raises(AgreementIsOver):
        office.ask(end)


@pytest.mark.clause("CB-14.3d", "CB-14.3a")
@pytest.mark.parametrize(
    ("between", "refusal"),
    [
        (
            lambda customer, _: withdrawal(customer, purpose=RESEARCH, scope=ConsentScope.SHARING),
            ConsentEnded,
        ),
        (
            lambda _, agreed: EndAgreement(
                recipient=PARTNER, agreement_id=agreed, why=EndOfAgreement.TERMINATED
            ),
            AgreementNotInForce,
        ),
    ],
    ids=["consent withdrawn", "agreement ended"],
)
def test_what_ends_while_it_is_decided_wins(
    office: Office,
    customer: UUID,
    agreed: UUID,
    between: Callable[[UUID, UUID], Command],
    refusal: type[Refused],
) -> None:
    """The other request is recorded after this one has loaded and before it is appended."""
    asked: list[bool] = []

    def id_once_the_other_is_recorded() -> UUID:
        if not asked:
            asked.append(True)
            office.ask(between(customer, agreed))
        return UUID(int=2**100 + len(asked))

    slow = Dispatcher(
        office.record,
        office.keyring,
        InstallationKey(bytes(32)),
        office.dispatcher.rules,
        clock=lambda: office.now,
        new_id=id_once_the_other_is_recorded,
    )
    with pytest.raises(refusal):
        slow.dispatch(sharing(customer), Caller("bob", "crm_admin"), UUID(int=7))
    assert "DataShared" not in office.types(customer)


def test_a_share_survives_what_does_not_end_it(
    office: Office, customer: UUID, agreed: UUID
) -> None:
    """Another agreement with the same recipient fails the guard once; then it goes through."""
    asked: list[bool] = []

    def id_once_the_other_is_recorded() -> UUID:
        if not asked:
            asked.append(True)
            office.ask(agreement(NOON, NOON + DAY, number="NDA-2"))
        return UUID(int=2**100 + len(asked))

    slow = Dispatcher(
        office.record,
        office.keyring,
        InstallationKey(bytes(32)),
        office.dispatcher.rules,
        clock=lambda: office.now,
        new_id=id_once_the_other_is_recorded,
    )
    slow.dispatch(sharing(customer), Caller("bob", "crm_admin"), UUID(int=7))
    assert [s.agreement for s in office.on_record(customer, DataShared)] == [agreed]


def test_who_signed_for_them_is_sealed_and_who_signed_for_us_is_who_asked(
    office: Office, agreed: UUID
) -> None:
    [signed] = office.on_record(STREAM, ConfidentialityAgreementSigned)
    assert signed.signed_by == "ann"
    assert signed.countersigned_by.token is not None
    assert office.types(STREAM)[0] == "ConfidentialityAgreementRegistered"


def test_the_same_agreement_is_registered_once(office: Office, agreed: UUID) -> None:
    again = office.ask(agreement(NOON - DAY, NOON + 365 * DAY))
    assert (again.position, again.ids["agreement"]) == (None, agreed)


def test_only_what_was_registered_can_be_signed(office: Office) -> None:
    with pytest.raises(NoSuchAgreement):
        office.ask(signature(UUID(int=5)), role="department_head")


@pytest.mark.clause("CB-14.1b")
@pytest.mark.parametrize("role", ["agent", "sales", "analyst", "importer"])
def test_not_everybody_shares_or_signs(office: Office, customer: UUID, role: str) -> None:
    with pytest.raises(RoleNotAllowed):
        office.ask(sharing(customer), role=role)
    with pytest.raises(RoleNotAllowed):
        office.ask(signature(UUID(int=5)), role=role)


def test_without_the_consent_the_agreement_is_not_enough(office: Office, agreed: UUID) -> None:
    other = office.ask(
        RegisterCustomer(collection_source=CollectionSource.CUSTOMER_SUBMITTED, jurisdiction="DE")
    ).ids["customer"]
    with pytest.raises(ConsentMissing):
        office.ask(sharing(other))


@pytest.mark.parametrize(
    "wrong",
    [
        {"digest": "ab"},
        {"digest": "AB" * 32},
        {"categories": ()},
        {"categories": ("everything",)},
        {"recipient": ""},
        {"recipient": "a\nb"},
        {"at": NOON},
    ],
)
def test_what_makes_no_sense_is_malformed(customer: UUID, wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        sharing(customer, **wrong)
