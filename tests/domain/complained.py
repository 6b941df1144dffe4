"""A complaint and what may be decided about it, a step at a time: the words of these tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial, reduce
from uuid import UUID

from domain.complaint import remedy
from domain.complaint.complaint import Complaint
from domain.complaint.events import (
    CloseBasis,
    ComplaintClassified,
    ComplaintEvent,
    ComplaintReceived,
    PublicationConsent,
)
from domain.complaint.evolve import evolve
from domain.personal import Personal
from domain.terms import Channel, Complexity, Severity

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=3)
ADA, BOB = UUID(int=1), UUID(int=2)
WORDS = Personal("It broke on the first day.")
Decision = Callable[[Complaint], list[ComplaintEvent]]


def complaint(customer: UUID = ADA) -> ComplaintReceived:
    return ComplaintReceived(customer=customer, channel=Channel.EMAIL, text=WORDS, at=NOON)


def after(*decisions: Decision) -> Complaint:
    state = evolve(None, complaint())
    for decide in decisions:
        state = reduce(evolve, decide(state), state)
    return state


def names(events: list[ComplaintEvent]) -> list[str]:
    return [type(event).__name__ for event in events]


def acknowledge(c: Complaint, apology: bool = True) -> list[ComplaintEvent]:
    return c.acknowledge(apology=apology, process_told=True, expected_time_told=True, at=NOON)


def register(c: Complaint) -> list[ComplaintEvent]:
    return c.register(complaint_kind="quality", content=WORDS, demand=WORDS, at=NOON)


def classify(complexity: Complexity, severity: Severity = Severity.NORMAL) -> Decision:
    return lambda c: c.classify(
        ComplaintClassified(complexity=complexity, severity=severity, at=NOON)
    )


def investigate(c: Complaint) -> list[ComplaintEvent]:
    return c.complete_investigation(
        facts=WORDS, responsible_party="warehouse", root_cause="packing", at=NOON
    )


def extend(
    c: Complaint, told: bool = True, due: datetime = LATER, at: datetime = NOON
) -> list[ComplaintEvent]:
    return c.extend_investigation(reason="lab_test", told_customer=told, agreed_due=due, at=at)


def draft(
    c: Complaint, responsible: str | None = "kim", due_at: datetime | None = LATER
) -> list[ComplaintEvent]:
    return remedy.draft(
        c,
        remedy_kinds=("refund",),
        measures=WORDS,
        responsible=responsible,
        due_at=due_at,
        drafted_by="ann",
        at=NOON,
    )


def review(
    c: Complaint, passed: bool = True, reviewer: str = "eve", role: str = "department_head"
) -> list[ComplaintEvent]:
    return remedy.review(c, c.plans, passed=passed, reviewer=reviewer, reviewer_role=role, at=NOON)


def approve(c: Complaint, approver: str = "max", role: str = "management") -> list[ComplaintEvent]:
    return remedy.approve(c, c.plans, approver=approver, approver_role=role, at=NOON)


def accept(c: Complaint) -> list[ComplaintEvent]:
    return remedy.accept(c, c.plans, at=NOON)


def decline(c: Complaint) -> list[ComplaintEvent]:
    return remedy.decline(c, c.plans, reason="too_little", at=NOON)


def apply(c: Complaint) -> list[ComplaintEvent]:
    return remedy.apply(c, c.plans, what="refund", at=NOON)


def resolve(c: Complaint) -> list[ComplaintEvent]:
    return c.resolve("refunded", at=NOON)


def follow_up(c: Complaint, satisfied: bool = True) -> list[ComplaintEvent]:
    return c.follow_up(satisfied=satisfied, at=NOON)


def assign(c: Complaint) -> list[ComplaintEvent]:
    return c.assign(owner="bea", at=NOON)


def reopen(c: Complaint) -> list[ComplaintEvent]:
    return c.reopen("not_satisfied", at=NOON)


def close(
    c: Complaint, basis: CloseBasis = CloseBasis.SATISFIED, closer: str = "ann", role: str = "agent"
) -> list[ComplaintEvent]:
    return c.close(basis, closer=closer, role=role, at=NOON)


dissatisfied = partial(follow_up, satisfied=False)
simple = classify(Complexity.SIMPLE)
complex_ = classify(Complexity.COMPLEX)
major = classify(Complexity.COMPLEX, Severity.MAJOR)
EVERYTHING: dict[str, Decision] = {
    "acknowledge": acknowledge,
    "register": register,
    "simple": simple,
    "complex": complex_,
    "major": major,
    "assign": assign,
    "refer": lambda c: c.refer("logistics", at=NOON),
    "investigate": investigate,
    "extend": extend,
    "draft": draft,
    "review": review,
    "fail_review": partial(review, passed=False),
    "approve": approve,
    "accept": accept,
    "decline": decline,
    "apply": apply,
    "resolve": resolve,
    "communicate_outcome": lambda c: c.communicate_outcome(satisfaction_asked=True, at=NOON),
    "consent": lambda c: c.record_publication_consent(PublicationConsent.REFUSED, at=NOON),
    "follow_up": follow_up,
    "dissatisfied": dissatisfied,
    "reopen": reopen,
    "close": close,
    "exception": partial(
        close, basis=CloseBasis.APPROVED_EXCEPTION, closer="max", role="management"
    ),
}
UNRESOLVED_ONLY = {
    "acknowledge",
    "register",
    "simple",
    "assign",
    "refer",
    "investigate",
    "extend",
    "draft",
    "review",
    "accept",
    "apply",
    "resolve",
}
BEFORE_PLAN = (register, complex_, investigate)
READY = (*BEFORE_PLAN, draft, review)
SOLVED = (register, simple, resolve)
