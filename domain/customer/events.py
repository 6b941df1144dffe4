"""Events of a customer. The stream and the subject are both the customer's id.

Orders, tickets and complaints have streams of their own; this one holds what changes the customer.
Erasure ends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from domain.customer.profile import CorrectionReason, Profile, ProfileField
from domain.event import Event, Frozen
from domain.keys import DestroyedKey
from domain.personal import Category, Content
from domain.terms import (
    Channel,
    CollectionSource,
    ConsentForm,
    ConsentPurpose,
    ConsentScope,
    Country,
    CustomerKind,
    Direction,
    Jurisdiction,
    Language,
    Market,
    Tier,
)


class CustomerRegistered(Event):
    """`source` is the outside system the customer was found in; its id for them is kept apart."""

    kind: CustomerKind
    market: Market | None = None
    jurisdiction: Jurisdiction | None = None
    collection_source: CollectionSource
    sales_channel: str | None = None
    form_number: str | None = None
    collected_by: str | None = None
    department: str | None = None
    source: str | None = None
    country: Country | None = None
    language: Language | None = None
    profile: Profile = Profile()


class CustomerProfileCompleted(Event):
    """Fields that were empty are filled. `kind` is what an anonymous customer turned out to be."""

    fields: tuple[ProfileField, ...]
    profile: Profile = Profile()
    country: Country | None = None
    language: Language | None = None
    kind: CustomerKind | None = None
    completed_by: str


class CustomerProfileChangeNoted(Event):
    """Somebody here learned that data we hold are out of date. The clock of CB-8.1a starts now:
    `learned_at` is the same moment as `at`."""

    fields: tuple[ProfileField, ...]
    detail: Content | None = None
    learned_at: datetime
    learned_by: str


class Correction(Frozen):
    """One corrected field and its provenance. `removed`: the field is empty from now on.

    `previous_event` wrote the value that is replaced; who wrote it stands in that event's header.
    """

    field: ProfileField
    previous_event: UUID
    removed: bool = False
    learned_at: datetime
    entered_by: str
    reason: CorrectionReason


class CustomerProfileUpdated(Event):
    """The new values of exactly the fields named in `corrections`."""

    corrections: tuple[Correction, ...]
    profile: Profile = Profile()
    country: Country | None = None
    language: Language | None = None


class InteractionRecorded(Event):
    """A contact with the customer, at `at`. `staff` is who spoke for us, if not who recorded it."""

    channel: Channel
    direction: Direction
    content: Content
    language: Language | None = None
    staff: str | None = None


class CollectionNoticeGiven(Event):
    """The customer was told what their data are collected for (CB-7.2b).

    `notice` is this telling, `version` and `language` the text; `text_digest` its SHA-256 in
    hex. `recipients` are codes of organisations; `retention` is an ISO 8601 duration.
    """

    notice: UUID
    version: str
    language: Language
    purposes: tuple[ConsentPurpose, ...]
    categories: tuple[Category, ...]
    recipients: tuple[str, ...] = ()
    retention: str
    text_digest: str
    channel: Channel


class ConsentGranted(Event):
    """`channel` and `form` say how it reached us; the notice is the text the customer was shown.

    `categories` are what it covers, `recipients` whom the data may go to. `proof` is the evidence
    where that is personal (a line of a letter, the reference of a recorded call), `proof_digest`
    the SHA-256 in hex of a document kept elsewhere. A later grant for the same purpose, scope and
    recipients takes the place of an earlier one, which it names in `replaces`.

    Shape 1 had neither categories nor recipients: such a consent covers all but sensitive data.
    """

    SCHEMA: ClassVar[int] = 2

    consent: UUID
    purpose: ConsentPurpose
    scope: ConsentScope
    categories: tuple[Category, ...]
    recipients: tuple[str, ...] = ()
    channel: Channel
    form: ConsentForm
    proof: Content | None = None
    proof_digest: str | None = None
    notice: UUID | None = None
    notice_version: str
    notice_language: Language
    retention: str | None = None
    expires_at: datetime | None = None
    replaces: UUID | None = None


class ConsentWithdrawn(Event):
    """Shape 1 knew fewer scopes, and no recipients."""

    SCHEMA: ClassVar[int] = 2

    consent: UUID
    purpose: ConsentPurpose
    scope: ConsentScope
    recipients: tuple[str, ...] = ()
    channel: Channel


class ConsentExpired(Event):
    """A consent ran out at `at`, as it said it would. A note only: it held no longer than that
    whether or not this is on record."""

    consent: UUID
    purpose: ConsentPurpose
    scope: ConsentScope
    recipients: tuple[str, ...] = ()


class MarketingContactReleased(Event):
    """A message that markets something may go out to the customer, under this consent (CB-14.3a).
    `campaign` is what it belongs to."""

    contact: UUID
    purpose: ConsentPurpose
    consent: UUID
    channel: Channel
    content: Content
    language: Language | None = None
    campaign: str | None = None


class DataShared(Event):
    """Personal data went to another organisation, under a consent and a confidentiality agreement
    (CB-14.3d). `digest` is the SHA-256 in hex of exactly what it was given."""

    share: UUID
    recipient: str
    country: Country
    categories: tuple[Category, ...]
    purpose: ConsentPurpose
    consent: UUID
    agreement: UUID
    cross_border: bool
    digest: str


class CustomerTierEvaluated(Event):
    """What a scheme says of the indicators as they stood at the end of the day `as_of`.

    `as_of` is a day in the scheme's zone; `position` is that of the record the indicators were
    read at. Counts are whole decimals, money is exact in the scheme's currency.
    """

    scheme: str
    scheme_version: int
    as_of: date
    position: int
    indicators: Mapping[str, Decimal]
    proposed: Tier


class TierChangeReason(StrEnum):
    FIRST_EVALUATION = "first_evaluation"
    EVALUATION = "evaluation"


class CustomerTierChanged(Event):
    """`as_of` is the evaluation it rests on, `previous_as_of` the one `from_tier` rested on."""

    scheme: str
    scheme_version: int
    from_tier: Tier | None
    to_tier: Tier
    reason: TierChangeReason
    as_of: date
    previous_as_of: date | None = None


class CustomerMarkedDormant(Event):
    """`last_activity`: the last interaction or purchase the screening found, if there was one."""

    last_activity: datetime | None = None


class ReactivationCause(StrEnum):
    INTERACTION = "interaction"
    PURCHASE = "purchase"


class CustomerReactivated(Event):
    cause: ReactivationCause


class Retained(StrEnum):
    """What can still be read of a customer once the keys are gone."""

    IDENTIFIERS = "identifiers"
    AMOUNTS = "amounts"
    CASE_STATES = "case_states"
    TIER_HISTORY = "tier_history"
    CONSENT_EVIDENCE = "consent_evidence"
    ACCESS_TRAIL = "access_trail"


class PersonalDataErased(Event):
    """The keys of these categories are destroyed; `keys` names those that existed.

    Shape 1 held each key as one text, `category/generation/commitment`.
    """

    SCHEMA: ClassVar[int] = 2

    categories: tuple[Category, ...]
    keys: tuple[DestroyedKey, ...]
    retained: tuple[Retained, ...]


CustomerEvent = (
    CustomerRegistered
    | CustomerProfileCompleted
    | CustomerProfileChangeNoted
    | CustomerProfileUpdated
    | InteractionRecorded
    | CollectionNoticeGiven
    | ConsentGranted
    | ConsentWithdrawn
    | ConsentExpired
    | MarketingContactReleased
    | DataShared
    | CustomerTierEvaluated
    | CustomerTierChanged
    | CustomerMarkedDormant
    | CustomerReactivated
    | PersonalDataErased
)
