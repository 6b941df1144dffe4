"""How the events of a complaint add up. Refuses nothing: what was allowed then stays readable."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, assert_never

from domain.complaint.complaint import Complaint
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
from domain.complaint.plan import Plan


def evolve(complaint: Complaint | None, event: ComplaintEvent) -> Complaint:
    if isinstance(event, ComplaintReceived):
        return Complaint(customer=event.customer, tier=event.tier)
    assert complaint is not None, "a complaint's history begins with ComplaintReceived"
    match event:
        case ComplaintRegistered():
            return replace(complaint, registered=True)
        case ComplaintClassified():
            return replace(complaint, classified=event)
        case ComplaintAssigned():
            return replace(complaint, assigned=event)
        case ComplaintInvestigationCompleted():
            return replace(complaint, investigated=True)
        case RemedyPlanDrafted():
            return replace(
                complaint,
                plan=Plan(number=event.plan, drafted_by=event.drafted_by),
                plans=event.plan,
                drafters=complaint.drafters | {event.drafted_by},
            )
        case RemedyPlanReviewed():
            return _with_plan(complaint, reviewed=event.passed)
        case RemedyPlanApproved():
            return _with_plan(complaint, approved=True)
        case RemedyPlanAcceptedByCustomer():
            return _with_plan(complaint, accepted=True)
        case RemedyPlanDeclinedByCustomer():
            return _with_plan(complaint, accepted=False)
        case RemedyApplied():
            return _with_plan(complaint, applied=True)
        case ComplaintResolved():
            return replace(complaint, resolved=True)
        case ComplaintFollowedUp():
            return replace(complaint, satisfied=event.satisfied)
        case ComplaintPublicationConsentRecorded():
            return replace(complaint, consent=event.given)
        case ComplaintReopened():
            return replace(
                complaint,
                plan=None,
                resolved=False,
                satisfied=None,
                reopened=complaint.reopened + 1,
                closed=False,
            )
        case ComplaintClosed():
            return replace(complaint, closed=True)
        case (
            ComplaintAcknowledged()
            | ComplaintReferred()
            | ComplaintDeadlineExtended()
            | ComplaintOutcomeCommunicated()
            | ComplaintAttributesNoted()
        ):
            return complaint
        case _:
            assert_never(event)


def _with_plan(complaint: Complaint, **changes: Any) -> Complaint:
    assert complaint.plan is not None, "a plan is drafted before anything happens to it"
    return replace(complaint, plan=replace(complaint.plan, **changes))
