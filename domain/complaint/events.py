"""Events of a complaint. The subject of its stream is the customer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.event import Event
from domain.personal import Content
from domain.terms import (
    Channel,
    Complexity,
    Country,
    Currency,
    Jurisdiction,
    Language,
    Market,
    Severity,
    Tier,
)


class ComplaintReceived(Event):
    """`respondent` is the organisation complained about, if it is not ours; `vulnerability` codes
    of what asks for special care. `region` is ISO 3166-2 without the country."""

    customer: UUID
    channel: Channel
    market: Market | None = None
    language: Language | None = None
    tier: Tier | None = None
    text: Content | None = None
    product: str | None = None
    sub_product: str | None = None
    issue: str | None = None
    sub_issue: str | None = None
    respondent: str | None = None
    vulnerability: tuple[str, ...] = ()
    source: str | None = None
    number: str | None = None
    country: Country | None = None
    region: str | None = None


class ComplaintAcknowledged(Event):
    """What the customer was told at once: an apology (CB-13.1a), how it goes on and by when it
    should be solved (OS-3.4-2c)."""

    apology: bool
    process_told: bool
    expected_time_told: bool
    text: Content | None = None


class ComplaintRegistered(Event):
    complaint_kind: str
    cause: str | None = None
    content: Content | None = None
    demand: Content | None = None
    claim_amount: Decimal | None = None
    currency: Currency | None = None


class ComplaintClassified(Event):
    complexity: Complexity
    severity: Severity
    jurisdiction: Jurisdiction | None = None
    compliance_risk: bool = False


class ComplaintAssigned(Event):
    owner: str
    participants: tuple[str, ...] = ()


class ComplaintReferred(Event):
    """Sent on to the organisation or department that has to answer."""

    to: str


class ComplaintInvestigationCompleted(Event):
    facts: Content
    responsible_party: str
    root_cause: str
    participants: tuple[str, ...] = ()


class ComplaintDeadlineExtended(Event):
    """`agreed_due` is the time agreed with the customer for the result of the investigation."""

    reason: str
    told_customer: bool
    agreed_due: datetime


class RemedyPlanDrafted(Event):
    """Plans are numbered from 1. A later one takes the place of an earlier one."""

    plan: int
    remedy_kinds: tuple[str, ...]
    measures: Content
    responsible: str | None = None
    due_at: datetime | None = None
    drafted_by: str


class RemedyPlanReviewed(Event):
    plan: int
    passed: bool
    reviewer: str
    reviewer_role: str
    reason: str | None = None


class RemedyPlanApproved(Event):
    plan: int
    approver: str
    approver_role: str


class RemedyPlanAcceptedByCustomer(Event):
    plan: int


class RemedyPlanDeclinedByCustomer(Event):
    plan: int
    reason: str | None = None


class RemedyApplied(Event):
    plan: int
    what: str


class ComplaintResolved(Event):
    result: str


class ComplaintOutcomeCommunicated(Event):
    """`timely` is what an outside system says of it, none of our clocks."""

    outcome: str | None = None
    timely: bool | None = None
    satisfaction_asked: bool


class PublicationConsent(StrEnum):
    """`other`: asked for in a way the source does not tell further."""

    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    OTHER = "other"


class ComplaintPublicationConsentRecorded(Event):
    """Whether the customer's own account of the matter may be published."""

    given: PublicationConsent


class ComplaintAttributesNoted(Event):
    """What an outside system notes of a complaint, by its own names; nothing is derived from it."""

    attributes: Mapping[str, str]


class ComplaintFollowedUp(Event):
    satisfied: bool
    suggestions: Content | None = None


class ComplaintReopened(Event):
    reason: str


class CloseBasis(StrEnum):
    """`imported`: an outside system closed it; on what basis is not known."""

    SATISFIED = "satisfied"
    APPROVED_EXCEPTION = "approved_exception"
    IMPORTED = "imported"


class ComplaintClosed(Event):
    basis: CloseBasis
    approver: str | None = None


ComplaintEvent = (
    ComplaintReceived
    | ComplaintAcknowledged
    | ComplaintRegistered
    | ComplaintClassified
    | ComplaintAssigned
    | ComplaintReferred
    | ComplaintInvestigationCompleted
    | ComplaintDeadlineExtended
    | RemedyPlanDrafted
    | RemedyPlanReviewed
    | RemedyPlanApproved
    | RemedyPlanAcceptedByCustomer
    | RemedyPlanDeclinedByCustomer
    | RemedyApplied
    | ComplaintResolved
    | ComplaintOutcomeCommunicated
    | ComplaintPublicationConsentRecorded
    | ComplaintAttributesNoted
    | ComplaintFollowedUp
    | ComplaintReopened
    | ComplaintClosed
)
