"""The complaints: where each stands, what it is about, what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import assert_never, cast, get_args
from uuid import UUID

from domain.complaint.events import (
    ComplaintAcknowledged,
    ComplaintAssigned,
    ComplaintAttributesNoted,
    ComplaintClassified,
    ComplaintClosed,
    ComplaintDeadlineExtended,
    ComplaintEvent,
    ComplaintFollowedUp,
    ComplaintInvestigationCompleted,
    ComplaintOutcomeCommunicated,
    ComplaintPublicationConsentRecorded,
    ComplaintReceived,
    ComplaintReferred,
    ComplaintRegistered,
    ComplaintReopened,
    ComplaintResolved,
    RemedyApplied,
    RemedyPlanAcceptedByCustomer,
    RemedyPlanApproved,
    RemedyPlanDeclinedByCustomer,
    RemedyPlanDrafted,
    RemedyPlanReviewed,
)
from projections.projection import Entry, Heading, Projection, Rows
from projections.table import Table

RECEIVED, REGISTERED, INVESTIGATED = "received", "registered", "investigated"
PLANNED, RESOLVED, REOPENED, CLOSED = "planned", "resolved", "reopened", "closed"


@dataclass(slots=True)
class ComplaintRow:
    complaint: UUID
    customer: UUID
    source: str | None
    number: str | None
    market: str | None
    language: str | None
    channel: str
    country: str | None
    region: str | None
    tier: str | None
    product: str | None
    sub_product: str | None
    issue: str | None
    sub_issue: str | None
    respondent: str | None
    has_text: bool
    received_at: datetime
    at_precision: str
    vulnerability: list[str] = field(default_factory=list)
    participants: list[str] = field(default_factory=list)
    state: str = RECEIVED
    complaint_kind: str | None = None
    complexity: str | None = None
    severity: str | None = None
    jurisdiction: str | None = None
    owner: str | None = None
    claim_amount: Decimal | None = None
    currency: str | None = None
    acknowledged_at: datetime | None = None
    registered_at: datetime | None = None
    assigned_at: datetime | None = None
    investigated_at: datetime | None = None
    agreed_due: datetime | None = None
    referred_at: datetime | None = None
    referred_to: str | None = None
    plans: int = 0
    plan_state: str | None = None
    result: str | None = None
    resolved_at: datetime | None = None
    outcome: str | None = None
    timely: bool | None = None
    communicated_at: datetime | None = None
    satisfaction_asked: bool | None = None
    satisfied: bool | None = None
    followed_up_at: datetime | None = None
    consent: str | None = None
    disputed: bool = False
    reopened: int = 0
    closed_at: datetime | None = None
    close_basis: str | None = None
    events: int = 0
    attributes: dict[str, str] = field(default_factory=dict)


def fold(rows: Rows[ComplaintRow], entry: Entry) -> None:
    header, event = entry.header, cast("ComplaintEvent", entry.event)
    if isinstance(event, ComplaintReceived):
        rows[header.stream] = _received(header, event)
        return
    row = rows[header.stream]
    row.events += 1
    match event:
        case ComplaintAcknowledged():
            row.acknowledged_at = row.acknowledged_at or event.at
        case ComplaintRegistered():
            row.state, row.registered_at = REGISTERED, event.at
            row.complaint_kind = event.complaint_kind
            row.claim_amount, row.currency = event.claim_amount, event.currency
        case ComplaintClassified():
            row.complexity, row.severity = event.complexity, event.severity
            row.jurisdiction = event.jurisdiction
        case ComplaintAssigned():
            row.owner, row.assigned_at = event.owner, row.assigned_at or event.at
            row.participants = list(event.participants)
        case ComplaintReferred():
            row.referred_to, row.referred_at = event.to, event.at
        case ComplaintInvestigationCompleted():
            row.state, row.investigated_at = INVESTIGATED, event.at
        case ComplaintDeadlineExtended():
            row.agreed_due = event.agreed_due
        case RemedyPlanDrafted():
            row.state, row.plans, row.plan_state = PLANNED, event.plan, "drafted"
        case RemedyPlanReviewed():
            row.plan_state = "review_passed" if event.passed else "review_failed"
        case RemedyPlanApproved():
            row.plan_state = "approved"
        case RemedyPlanAcceptedByCustomer():
            row.plan_state = "accepted"
        case RemedyPlanDeclinedByCustomer():
            row.plan_state = "declined"
        case RemedyApplied():
            row.plan_state = "applied"
        case ComplaintResolved():
            row.state, row.result, row.resolved_at = RESOLVED, event.result, event.at
        case ComplaintOutcomeCommunicated():
            row.outcome, row.timely = event.outcome, event.timely
            row.communicated_at, row.satisfaction_asked = event.at, event.satisfaction_asked
        case ComplaintPublicationConsentRecorded():
            row.consent = event.given
        case ComplaintAttributesNoted():
            row.attributes |= event.attributes
        case ComplaintFollowedUp():
            row.satisfied, row.followed_up_at = event.satisfied, event.at
        case ComplaintReopened():
            row.state, row.disputed = REOPENED, True
            row.closed_at = row.close_basis = None
            row.reopened += 1
        case ComplaintClosed():
            row.state, row.closed_at, row.close_basis = CLOSED, event.at, event.basis
        case _:
            assert_never(event)


def _received(header: Heading, event: ComplaintReceived) -> ComplaintRow:
    return ComplaintRow(
        complaint=header.stream,
        customer=header.subject,
        source=event.source,
        number=event.number,
        market=event.market,
        language=event.language,
        channel=event.channel,
        country=event.country,
        region=event.region,
        tier=event.tier,
        product=event.product,
        sub_product=event.sub_product,
        issue=event.issue,
        sub_issue=event.sub_issue,
        respondent=event.respondent,
        has_text=event.text is not None,
        received_at=event.at,
        at_precision=event.at_precision,
        vulnerability=list(event.vulnerability),
        events=1,
    )


COMPLAINTS = Projection(
    name="complaints",
    version=2,
    table=Table(
        name="complaints",
        says="One row per complaint: where it stands and what came of it",
        row=ComplaintRow,
        key=("complaint",),
        indexes=("(customer)", "(state, received_at)", "(source, number)"),
    ),
    on=get_args(ComplaintEvent),
    fold=fold,
    parks_by="stream",
)
