"""Decisions about a complaint's remedy plan, from its draft to its being carried out."""

from __future__ import annotations

from datetime import datetime
from typing import Unpack

from domain.complaint import refusals
from domain.complaint.complaint import Complaint
from domain.complaint.events import (
    ComplaintEvent,
    RemedyApplied,
    RemedyPlanAcceptedByCustomer,
    RemedyPlanApproved,
    RemedyPlanDeclinedByCustomer,
    RemedyPlanDrafted,
    RemedyPlanReviewed,
)
from domain.complaint.plan import Plan
from domain.personal import Content
from domain.terms import Complexity
from domain.when import When


def draft(
    complaint: Complaint,
    *,
    remedy_kinds: tuple[str, ...],
    measures: Content,
    responsible: str | None = None,
    due_at: datetime | None = None,
    drafted_by: str,
    **when: Unpack[When],
) -> list[ComplaintEvent]:
    """A plan drafted anew takes the place of the one before, unless that has been applied."""
    complaint.must_be_registered()
    if complaint.classified is None:
        raise refusals.ComplaintNotClassified
    if not complaint.investigated:
        raise refusals.InvestigationMissing
    if complaint.plan is not None and complaint.plan.applied:
        raise refusals.PlanAlreadySettled(plan=complaint.plan.number)
    named = {"responsible": responsible, "due_at": due_at}
    missing = [name for name, value in named.items() if not value]
    if missing and complaint.complexity is Complexity.COMPLEX:
        raise refusals.PlanIncomplete(missing=missing)
    return [
        RemedyPlanDrafted(
            plan=complaint.plans + 1,
            remedy_kinds=remedy_kinds,
            measures=measures,
            responsible=responsible,
            due_at=due_at,
            drafted_by=drafted_by,
            **when,
        )
    ]


def review(
    complaint: Complaint,
    number: int,
    *,
    passed: bool,
    reviewer: str,
    reviewer_role: str,
    reason: str | None = None,
    **when: Unpack[When],
) -> list[ComplaintEvent]:
    _current(complaint, number).must_be_reviewable(reviewer, reviewer_role)
    return [
        RemedyPlanReviewed(
            plan=number,
            passed=passed,
            reviewer=reviewer,
            reviewer_role=reviewer_role,
            reason=reason,
            **when,
        )
    ]


def approve(
    complaint: Complaint,
    number: int,
    *,
    approver: str,
    approver_role: str,
    **when: Unpack[When],
) -> list[ComplaintEvent]:
    _current(complaint, number).must_be_approvable(approver, approver_role)
    return [RemedyPlanApproved(plan=number, approver=approver, approver_role=approver_role, **when)]


def accept(complaint: Complaint, number: int, **when: Unpack[When]) -> list[ComplaintEvent]:
    _current(complaint, number).must_be_ready_for_customer(complaint.severity)
    return [RemedyPlanAcceptedByCustomer(plan=number, **when)]


def decline(
    complaint: Complaint, number: int, *, reason: str | None = None, **when: Unpack[When]
) -> list[ComplaintEvent]:
    _current(complaint, number).must_be_ready_for_customer(complaint.severity)
    return [RemedyPlanDeclinedByCustomer(plan=number, reason=reason, **when)]


def apply(
    complaint: Complaint, number: int, *, what: str, **when: Unpack[When]
) -> list[ComplaintEvent]:
    """A plan may hold several measures, each applied in its turn."""
    _current(complaint, number).must_be_applicable(complaint.severity)
    return [RemedyApplied(plan=number, what=what, **when)]


def _current(complaint: Complaint, number: int) -> Plan:
    complaint.must_be_unresolved()
    if complaint.plan is None or complaint.plan.number != number:
        raise refusals.NoSuchPlan(plan=number)
    return complaint.plan
