"""Handing data on: consent x agreement x date x category, and what is refused by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from uuid import UUID

import pytest

from domain.agreement import refusals as agreement_refusals
from domain.agreement.agreement import Agreements, recipient_id
from domain.agreement.events import ConfidentialityAgreementEnded, EndOfAgreement
from domain.customer import refusals
from domain.customer.consenting import withdraw_consent
from domain.customer.customer import Customer
from domain.customer.events import ConsentGranted, CustomerEvent, DataShared
from domain.customer.sharing import crosses_border, share
from domain.personal import Category, Personal
from domain.refusal import Refused
from domain.terms import Channel, ConsentScope
from tests.domain.agreed import (
    DAY,
    DIGEST,
    LATER,
    NOON,
    PARTNER,
    PLAIN,
    RESEARCH,
    YEAR,
    agreed,
    grant,
    known,
    registered,
    shared_with,
    signed,
)

BEFORE, BETWEEN, AFTER = NOON - timedelta(hours=1), NOON + timedelta(hours=1), NOON + 2 * YEAR
CONTACT, IDENTITY, SENSITIVE = (Category.CONTACT,), (Category.IDENTITY,), (Category.SENSITIVE,)
Rule = type[Refused] | None


def withdrawn() -> Customer:
    customer = known(shared_with())
    events = withdraw_consent(
        customer, RESEARCH, ConsentScope.SHARING, channel=Channel.EMAIL, now=AFTER, at=BETWEEN
    )
    return known(shared_with(), *events)


CONSENTS: dict[str, Customer] = {
    "none": known(),
    "own use only": known(grant(purpose=RESEARCH)),
    "another recipient": known(shared_with(recipients=("other",))),
    "contact": known(shared_with(categories=CONTACT)),
    "contact, run out at three": known(shared_with(categories=CONTACT, expires_at=LATER)),
    "withdrawn at one": withdrawn(),
}
ENDED = ConfidentialityAgreementEnded(
    agreement=UUID(int=50), why=EndOfAgreement.BREACHED, at=BETWEEN
)
AGREEMENTS: dict[str, Agreements] = {
    "none": Agreements(),
    "unsigned": agreed(registered()),
    "contact": agreed(registered(categories=CONTACT), signed()),
    "begins at three": agreed(registered(valid_from=LATER), signed()),
    "ended at one": agreed(registered(), signed(), ENDED),
}
MISSING, GONE, UNCONSENTED = (
    refusals.ConsentMissing,
    refusals.ConsentEnded,
    refusals.CategoryNotConsented,
)
NO_AGREEMENT, UNSIGNED, NOT_IN_FORCE, UNAGREED = (
    agreement_refusals.AgreementMissing,
    agreement_refusals.AgreementNotSigned,
    agreement_refusals.AgreementNotInForce,
    agreement_refusals.CategoryNotAgreed,
)


def consent_rule(consent: str, category: tuple[Category, ...], at: datetime) -> Rule:
    """The truth of the consents above, spelled out. What is on record counts from then on, also
    for a clock that is behind."""
    if consent in ("none", "own use only", "another recipient") or at < NOON:
        return MISSING
    if consent == "withdrawn at one" or (consent == "contact, run out at three" and at >= LATER):
        return GONE
    if consent.startswith("contact") and category != CONTACT:
        return UNCONSENTED
    return None


def agreement_rule(agreement: str, category: tuple[Category, ...], at: datetime) -> Rule:
    """The truth of the agreements above, spelled out."""
    if agreement == "none":
        return NO_AGREEMENT
    if agreement == "unsigned" or at < NOON:
        return UNSIGNED
    if at >= NOON + YEAR or (agreement == "begins at three" and at < LATER):
        return NOT_IN_FORCE
    if agreement == "ended at one":
        return NOT_IN_FORCE
    if agreement == "contact" and category != CONTACT:
        return UNAGREED
    return None


def shared(
    customer: Customer,
    agreements: Agreements,
    categories: tuple[Category, ...] = CONTACT,
    at: datetime = NOON,
) -> list[CustomerEvent]:
    return share(
        customer,
        agreements,
        share=UUID(int=70),
        recipient=PARTNER,
        categories=categories,
        purpose=RESEARCH,
        digest=DIGEST,
        at=at,
    )


@pytest.mark.clause("CB-14.3d", "RR-B-5", "CB-14.3a")
@pytest.mark.parametrize(
    ("consent", "agreement", "at", "category"),
    list(
        product(
            CONSENTS,
            AGREEMENTS,
            (BEFORE, NOON, BETWEEN, LATER, LATER + DAY, AFTER),
            (CONTACT, IDENTITY),
        )
    ),
)
def test_needs_a_consent_and_an_agreement(
    consent: str, agreement: str, at: datetime, category: tuple[Category, ...]
) -> None:
    refusal = agreement_rule(agreement, category, at) or consent_rule(consent, category, at)
    if refusal is None:
        [event] = shared(CONSENTS[consent], AGREEMENTS[agreement], category, at)
        assert isinstance(event, DataShared)
        assert (event.consent, event.agreement) == (UUID(int=1), UUID(int=50))
    else:
        with pytest.raises(refusal):
            shared(CONSENTS[consent], AGREEMENTS[agreement], category, at)


@pytest.mark.clause("CB-14.3d")
def test_neither_alone_is_enough() -> None:
    with pytest.raises(refusals.ConsentMissing):
        shared(known(), agreed(registered(), signed()))
    with pytest.raises(agreement_refusals.AgreementMissing):
        shared(known(shared_with()), Agreements())


@pytest.mark.clause("OS-3.6-2b")
def test_sensitive_data_need_both_consents() -> None:
    everything = agreed(registered(categories=tuple(Category)), signed())
    to_share = shared_with(1, categories=SENSITIVE)
    to_use = grant(2, purpose=RESEARCH, scope=ConsentScope.SENSITIVE_DATA, categories=SENSITIVE)
    with pytest.raises(refusals.ConsentMissing):
        shared(known(to_share), everything, SENSITIVE)
    with pytest.raises(refusals.ConsentMissing):
        shared(known(to_use), everything, SENSITIVE)
    assert len(shared(known(to_share, to_use), everything, SENSITIVE)) == 1


class TestAcrossABorder:
    abroad = agreed(registered(country="US"), signed())

    @pytest.mark.clause("CB-15.1")
    def test_a_consent_of_its_own_is_needed(self) -> None:
        with pytest.raises(refusals.ConsentMissing) as refused:
            shared(known(shared_with()), self.abroad)
        assert refused.value.parameters["scope"] is ConsentScope.CROSS_BORDER
        both = known(shared_with(1), shared_with(2, scope=ConsentScope.CROSS_BORDER))
        [event] = shared(both, self.abroad)
        assert isinstance(event, DataShared)
        assert (event.cross_border, event.country) == (True, "US")

    @pytest.mark.parametrize(
        ("home", "country", "crosses"),
        [
            ("DE", "DE", False),
            ("DE", "FR", False),
            ("DE", "GB", True),
            ("US-CA", "US", False),
            ("CN", "SG", True),
            (None, "DE", True),
        ],
    )
    def test_is_what_leaves_the_jurisdiction(
        self, home: str | None, country: str, crosses: bool
    ) -> None:
        assert crosses_border(known(jurisdiction=home), country) is crosses


class TestAgreement:
    @pytest.mark.clause("CB-14.3d")
    def test_is_signed_once_and_as_it_was_registered(self) -> None:
        agreements = agreed(registered())

        def sign(agreements: Agreements, digest: str = DIGEST) -> int:
            return len(
                agreements.sign(
                    PARTNER,
                    UUID(int=50),
                    signed_by="mia",
                    countersigned_by=Personal("Kim"),
                    document_digest=digest,
                    at=NOON,
                )
            )

        assert sign(agreements) == 1
        with pytest.raises(agreement_refusals.OtherDocumentSigned):
            sign(agreements, "cd" * 32)
        with pytest.raises(agreement_refusals.AgreementAlreadySigned):
            sign(agreed(registered(), signed()))
        with pytest.raises(agreement_refusals.NoSuchAgreement):
            sign(Agreements())
        with pytest.raises(agreement_refusals.AgreementIsOver):
            sign(agreed(registered(), ENDED))

    def test_is_registered_once_by_its_number(self) -> None:
        first = agreed(registered(), signed(), ENDED)
        assert first.register(registered(n=51)) == []
        with pytest.raises(agreement_refusals.AgreementNumberTaken):
            first.register(registered(n=51, country="US"))
        assert len(first.register(registered(n=51, number="NDA-2"))) == 1

    @pytest.mark.parametrize("valid_to", [NOON, NOON - DAY])
    def test_lasts(self, valid_to: datetime) -> None:
        with pytest.raises(agreement_refusals.AgreementEndsBeforeItBegins):
            Agreements().register(registered(valid_from=NOON, valid_to=valid_to))

    def test_that_covers_is_found_among_several(self) -> None:
        narrow = registered(50, categories=CONTACT)
        wide = registered(51, categories=PLAIN, number="NDA-2")
        both = agreed(narrow, signed(50), wide, signed(51))
        assert both.covering(PARTNER, CONTACT, NOON).agreement == UUID(int=50)
        assert both.covering(PARTNER, PLAIN, NOON).agreement == UUID(int=51)

    def test_a_recipient_has_one_stream(self) -> None:
        assert recipient_id(PARTNER) == recipient_id(PARTNER)
        assert recipient_id(PARTNER) != recipient_id(PARTNER.upper())


def test_a_consent_of_the_first_shape_never_covers_sensitive_data() -> None:
    """What an upcast gives an older grant: everything but sensitive data."""
    older: ConsentGranted = replace(grant(purpose=RESEARCH), categories=PLAIN)
    held = known(older).consents
    assert held.valid_for(RESEARCH, PLAIN, None, NOON) is not None
    assert held.valid_for(RESEARCH, SENSITIVE, None, NOON) is None
