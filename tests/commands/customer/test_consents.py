"""Notices, consents and marketing, through the record."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import ValidationError

from commands.customer.note_consent_expiry import NoteConsentExpiry
from commands.customer.record_interaction import RecordInteraction
from commands.customer.register_customer import RegisterCustomer
from commands.customer.release_marketing_contact import ReleaseMarketingContact
from domain.customer.events import (
    CollectionNoticeGiven,
    ConsentExpired,
    ConsentGranted,
    ConsentWithdrawn,
    MarketingContactReleased,
)
from domain.customer.refusals import (
    ConsentEnded,
    ConsentMissing,
    ConsentNotGiven,
    NoticeInAnotherLanguage,
    NoticeNotGiven,
)
from domain.refusal import CustomerErased
from domain.terms import Channel, CollectionSource, ConsentPurpose, Direction
from infra.dispatch import Caller, Result
from tests.commands.consenting import consent, notice, withdrawal
from tests.commands.erasing import erase
from tests.commands.office import NOON, Office
from tests.domain.agreed import DAY, DIRECT


@pytest.fixture
def customer(office: Office) -> UUID:
    return office.ask(
        RegisterCustomer(collection_source=CollectionSource.CUSTOMER_SUBMITTED, language="en-GB")
    ).ids["customer"]


def offer(customer: UUID, purpose: ConsentPurpose = DIRECT) -> ReleaseMarketingContact:
    return ReleaseMarketingContact(
        customer_id=customer, purpose=purpose, channel=Channel.EMAIL, content="Spring offers"
    )


@pytest.mark.clause("CB-7.2b", "CB-7.2c", "CB-15.2a")
def test_a_consent_rests_on_a_notice_and_is_withdrawn(office: Office, customer: UUID) -> None:
    with pytest.raises(NoticeNotGiven):
        office.ask(consent(customer))
    told = office.ask(notice(customer)).ids["notice"]
    with pytest.raises(ConsentNotGiven):
        office.ask(withdrawal(customer))
    given = office.ask(consent(customer, proof="Signed on page 2", expires_at=NOON + DAY))
    office.ask(withdrawal(customer))
    [notice_given] = office.on_record(customer, CollectionNoticeGiven)
    [granted] = office.on_record(customer, ConsentGranted)
    assert notice_given.notice == granted.notice == told
    assert granted.proof is not None
    assert granted.proof.token is not None
    assert (granted.retention, granted.expires_at) == ("P3Y", NOON + DAY)
    assert [w.consent for w in office.on_record(customer, ConsentWithdrawn)] == [
        given.ids["consent"]
    ]


@pytest.mark.clause("CB-7.2b")
def test_a_notice_in_another_language_is_no_notice(office: Office, customer: UUID) -> None:
    with pytest.raises(NoticeInAnotherLanguage) as refused:
        office.ask(notice(customer, language="zh"))
    assert refused.value.parameters == {"language": "en-GB", "notice_language": "zh"}


@pytest.mark.case("CP-02")
@pytest.mark.clause("CB-14.3a", "CB-9.2e", "EC-2.3.2", "RR-Q-14")
def test_marketing_goes_out_while_the_consent_holds(office: Office, customer: UUID) -> None:
    office.ask(notice(customer))
    with pytest.raises(ConsentMissing):
        office.ask(offer(customer))
    given = office.ask(consent(customer, expires_at=NOON + DAY)).ids["consent"]
    office.now = NOON + DAY - timedelta(seconds=1)
    office.ask(offer(customer))
    assert office.header(customer, "MarketingContactReleased").consent_id == given
    office.now = NOON + DAY + timedelta(seconds=1)
    with pytest.raises(ConsentEnded):
        office.ask(offer(customer))
    [sent] = office.on_record(customer, MarketingContactReleased)
    assert sent.consent == given
    assert sent.content.token is not None


@pytest.mark.clause("CB-15.2b")
def test_a_withdrawal_counts_from_the_next_request_on(office: Office, customer: UUID) -> None:
    office.ask(notice(customer))
    office.ask(consent(customer))
    office.ask(offer(customer))
    office.ask(withdrawal(customer))
    with pytest.raises(ConsentEnded):
        office.ask(offer(customer))


def test_a_withdrawal_is_not_put_off(office: Office, customer: UUID) -> None:
    office.ask(notice(customer))
    office.ask(consent(customer))
    office.ask(withdrawal(customer, at=NOON + timedelta(minutes=4)))
    assert office.header(customer, "ConsentWithdrawn").at == NOON
    with pytest.raises(ConsentEnded):
        office.ask(offer(customer))


@pytest.mark.clause("CB-14.3a")
def test_marketing_is_not_let_in_as_an_interaction(office: Office, customer: UUID) -> None:
    def call(direction: Direction, purpose: str, key: int) -> Result:
        return office.dispatcher.dispatch(
            RecordInteraction(
                customer_id=customer,
                channel=Channel.PHONE,
                direction=direction,
                content="Spring offers",
            ),
            Caller("ann", "sales"),
            UUID(int=key),
            purpose=purpose,
        )

    with pytest.raises(ConsentMissing):
        call(Direction.OUTBOUND, "dpv:Marketing", 1)
    call(Direction.OUTBOUND, "dpv:CustomerCare", 2)
    call(Direction.INBOUND, "dpv:Marketing", 3)
    office.ask(notice(customer))
    office.ask(consent(customer, purpose=ConsentPurpose.MARKETING))
    call(Direction.OUTBOUND, "dpv:Marketing", 4)
    assert office.types(customer).count("InteractionRecorded") == 3


@pytest.mark.clause("CB-15.2a")
def test_what_ran_out_is_noted_once(office: Office, customer: UUID) -> None:
    office.ask(notice(customer))
    office.ask(consent(customer, expires_at=NOON + DAY))
    note = NoteConsentExpiry(customer_id=customer)
    assert office.ask(note, role="system").position is None
    office.now = NOON + 3 * DAY
    office.ask(note, role="system")
    [expired] = office.on_record(customer, ConsentExpired)
    assert expired.at == NOON + DAY
    assert office.ask(note, role="system").position is None


@pytest.mark.clause("CB-15.2b")
def test_nothing_is_agreed_with_somebody_erased(office: Office, customer: UUID) -> None:
    office.ask(notice(customer))
    office.ask(consent(customer))
    erase(office, customer)
    for asked in (notice(customer), consent(customer), withdrawal(customer), offer(customer)):
        with pytest.raises(CustomerErased):
            office.ask(asked)


@pytest.mark.parametrize("purpose", ["dpv:Anything", "marketing", ""])
def test_a_purpose_off_the_list_is_malformed(customer: UUID, purpose: str) -> None:
    with pytest.raises(ValidationError):
        withdrawal(customer, purpose=purpose)


@pytest.mark.parametrize(
    "wrong",
    [
        {"retention": "three years"},
        {"retention": "P"},
        {"retention": "P\u0663Y"},
        {"text_digest": "ab"},
        {"categories": ()},
        {"purposes": ()},
        {"language": "English please"},
        {"recipients": tuple(f"r{n}" for n in range(101))},
        {"version": "2026\x00"},
    ],
)
def test_a_notice_that_makes_no_sense_is_malformed(
    customer: UUID, wrong: dict[str, object]
) -> None:
    with pytest.raises(ValidationError):
        notice(customer, **wrong)
