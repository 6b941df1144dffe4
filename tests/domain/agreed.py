"""What a customer was told and agreed to, for tests: notices, grants, agreements."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce
from uuid import UUID

from domain.agreement.agreement import Agreements
from domain.agreement.agreement import evolve as evolve_agreements
from domain.agreement.events import (
    AgreementEvent,
    ConfidentialityAgreementRegistered,
    ConfidentialityAgreementSigned,
)
from domain.customer.consenting import withdraw_consent
from domain.customer.customer import Customer
from domain.customer.events import (
    CollectionNoticeGiven,
    ConsentGranted,
    CustomerEvent,
    CustomerRegistered,
)
from domain.customer.evolve import evolve
from domain.event import Precision
from domain.personal import Category, Personal
from domain.terms import (
    Channel,
    CollectionSource,
    ConsentForm,
    ConsentPurpose,
    ConsentScope,
    CustomerKind,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=3)
DAY = timedelta(days=1)
YEAR = timedelta(days=365)
PLAIN = (Category.CONTACT, Category.CONTENT, Category.IDENTITY)
DIRECT = ConsentPurpose.DIRECT_MARKETING
RESEARCH = ConsentPurpose.COMMERCIAL_RESEARCH
PARTNER = "acme-fulfilment"
DIGEST = "ab" * 32


def known(
    *events: CustomerEvent,
    kind: CustomerKind = CustomerKind.PERSON,
    language: str | None = None,
    jurisdiction: str | None = "DE",
) -> Customer:
    """A customer to whom all this happened, told everything there is in English at noon."""
    first = CustomerRegistered(
        kind=kind,
        collection_source=CollectionSource.MARKET_RESEARCH,
        language=language,
        jurisdiction=jurisdiction,
        at=NOON,
    )
    customer = reduce(evolve, events, evolve(None, first))
    assert customer is not None
    return customer


def told(
    n: int = 100,
    at: datetime = NOON,
    *,
    language: str = "en",
    purposes: tuple[ConsentPurpose, ...] = tuple(ConsentPurpose),
    categories: tuple[Category, ...] = tuple(Category),
    recipients: tuple[str, ...] = (PARTNER,),
) -> CollectionNoticeGiven:
    return CollectionNoticeGiven(
        notice=UUID(int=n),
        version="2026-01",
        language=language,
        purposes=purposes,
        categories=categories,
        recipients=recipients,
        retention="P3Y",
        text_digest=DIGEST,
        channel=Channel.WEB_FORM,
        at=at,
    )


def grant(
    n: int = 1,
    at: datetime = NOON,
    expires_at: datetime | None = None,
    *,
    purpose: ConsentPurpose = DIRECT,
    scope: ConsentScope = ConsentScope.OWN_USE,
    categories: tuple[Category, ...] = PLAIN,
    recipients: tuple[str, ...] = (),
    form: ConsentForm = ConsentForm.ONLINE,
    language: str = "en",
) -> ConsentGranted:
    return ConsentGranted(
        consent=UUID(int=n),
        purpose=purpose,
        scope=scope,
        categories=categories,
        recipients=recipients,
        channel=Channel.WEB_FORM,
        form=form,
        notice_version="2026-01",
        notice_language=language,
        expires_at=expires_at,
        at=at,
    )


def shared_with(n: int = 1, at: datetime = NOON, **fields: object) -> ConsentGranted:
    """A grant to share with the partner, for research."""
    given: dict[str, object] = {
        "purpose": RESEARCH,
        "scope": ConsentScope.SHARING,
        "recipients": (PARTNER,),
        **fields,
    }
    return grant(n, at, **given)  # type: ignore[arg-type]


def registered(
    n: int = 50,
    *,
    categories: tuple[Category, ...] = PLAIN,
    country: str = "DE",
    valid_from: datetime = NOON - YEAR,
    valid_to: datetime = NOON + YEAR,
    number: str = "NDA-1",
) -> ConfidentialityAgreementRegistered:
    return ConfidentialityAgreementRegistered(
        agreement=UUID(int=n),
        recipient=PARTNER,
        country=country,
        number=number,
        categories=categories,
        valid_from=valid_from,
        valid_to=valid_to,
        document_digest=DIGEST,
        at=NOON,
    )


def signed(n: int = 50, at: datetime = NOON) -> ConfidentialityAgreementSigned:
    return ConfidentialityAgreementSigned(
        agreement=UUID(int=n),
        signed_by="mia",
        countersigned_by=Personal("Kim"),
        document_digest=DIGEST,
        at=at,
    )


def agreed(*events: AgreementEvent) -> Agreements:
    return reduce(evolve_agreements, events, Agreements())


def withdraw(
    customer: Customer,
    at: datetime,
    precision: Precision = Precision.INSTANT,
    purpose: ConsentPurpose = DIRECT,
    scope: ConsentScope = ConsentScope.OWN_USE,
    recipient: str | None = None,
) -> list[CustomerEvent]:
    return withdraw_consent(
        customer,
        purpose,
        scope,
        recipient=recipient,
        channel=Channel.EMAIL,
        now=max(at, LATER),
        at=at,
        at_precision=precision,
    )
