"""What may happen to a complaint, and what may not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial, reduce
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.complaint import foreign, refusals, remedy
from domain.complaint.complaint import Complaint, receive
from domain.complaint.events import (
    CloseBasis,
    ComplaintClassified,
    ComplaintClosed,
    ComplaintDeadlineExtended,
    ComplaintEvent,
    ComplaintReceived,
    PublicationConsent,
    RemedyPlanDrafted,
)
from domain.complaint.evolve import evolve
from domain.personal import Personal
from domain.refusal import Refused
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


@pytest.mark.clause("CB-13.1a", "OS-3.4-2c")
def test_an_acknowledgement_apologises() -> None:
    assert names(acknowledge(after())) == ["ComplaintAcknowledged"]
    assert names(acknowledge(after(acknowledge, register))) == ["ComplaintAcknowledged"]
    with pytest.raises(refusals.ApologyMissing):
        acknowledge(after(), apology=False)


@pytest.mark.clause("OS-3.4-1a", "OS-3.4-1b")
def test_a_complaint_is_registered_once_and_first() -> None:
    with pytest.raises(refusals.ComplaintAlreadyRegistered):
        register(after(register))
    for decide in (simple, investigate, extend, draft, resolve):
        with pytest.raises(refusals.ComplaintNotRegistered):
            decide(after())


@pytest.mark.clause("CB-13.2a", "CB-13.2b")
def test_a_simple_complaint_is_solved_without_a_plan() -> None:
    assert names(resolve(after(register, simple))) == ["ComplaintResolved"]
    with pytest.raises(refusals.ComplaintNotClassified):
        resolve(after(register))


def test_the_same_verdict_again_is_no_event() -> None:
    later = ComplaintClassified(complexity=Complexity.SIMPLE, severity=Severity.NORMAL, at=LATER)
    assert after(register, simple).classify(later) == []
    assert assign(after(assign)) == []


@pytest.mark.clause("OS-3.4-4d")
@pytest.mark.parametrize("verdict", [complex_, classify(Complexity.SIMPLE, Severity.MAJOR)])
def test_what_is_complex_or_major_needs_its_remedy(verdict: Decision) -> None:
    for steps in ((register, verdict), (register, verdict, investigate, draft)):
        with pytest.raises(refusals.RemedyMissing):
            resolve(after(*steps))
    assert names(resolve(after(*READY, accept, apply))) == ["ComplaintResolved"]


@pytest.mark.clause("OS-3.4-3c")
def test_more_time_is_agreed_with_the_customer() -> None:
    [extended] = extend(after(register, complex_))
    assert isinstance(extended, ComplaintDeadlineExtended)
    assert (extended.agreed_due, extended.told_customer) == (LATER, True)
    with pytest.raises(refusals.CustomerNotTold):
        extend(after(register, complex_), told=False)
    for due in (NOON, NOON - timedelta(minutes=1)):
        with pytest.raises(refusals.NoLaterTimeAgreed):
            extend(after(register, complex_), due=due)


@pytest.mark.clause("OS-3.4-3c")
def test_more_time_is_for_complex_complaints_under_investigation() -> None:
    for steps in ((register,), (register, simple)):
        with pytest.raises(refusals.ExtensionOnlyIfComplex):
            extend(after(*steps))
    with pytest.raises(refusals.AlreadyInvestigated):
        extend(after(*BEFORE_PLAN))


@pytest.mark.clause("OS-3.4-4a")
def test_a_plan_rests_on_the_investigation() -> None:
    with pytest.raises(refusals.InvestigationMissing):
        draft(after(register, complex_))


@pytest.mark.clause("CB-13.2d")
@pytest.mark.parametrize(
    ("responsible", "due_at", "missing"),
    [(None, LATER, ["responsible"]), ("kim", None, ["due_at"]), ("", LATER, ["responsible"])],
)
def test_a_complex_plan_names_who_and_by_when(
    responsible: str | None, due_at: datetime | None, missing: list[str]
) -> None:
    with pytest.raises(refusals.PlanIncomplete) as refused:
        draft(after(*BEFORE_PLAN), responsible, due_at)
    assert refused.value.parameters == {"missing": missing}
    easy = after(register, simple, investigate)
    assert names(draft(easy, responsible, due_at)) == ["RemedyPlanDrafted"]


@pytest.mark.clause("OS-3.4-4b")
def test_the_department_head_reviews_a_plan_of_somebody_else() -> None:
    drafted = after(*BEFORE_PLAN, draft)
    with pytest.raises(refusals.NeedsDepartmentHead):
        review(drafted, role="complaint_officer")
    with pytest.raises(refusals.OwnPlan):
        review(drafted, reviewer="ann")
    with pytest.raises(refusals.ReviewMissing):
        accept(drafted)
    with pytest.raises(refusals.PlanAlreadySettled):
        review(after(*READY))


@pytest.mark.clause("OS-3.4-4b")
def test_a_plan_that_fails_its_review_is_drafted_anew() -> None:
    failed = after(*BEFORE_PLAN, draft, partial(review, passed=False))
    for decide in (accept, decline, apply, approve):
        with pytest.raises(refusals.ReviewMissing):
            decide(failed)
    [again] = draft(failed)
    assert isinstance(again, RemedyPlanDrafted)
    assert again.plan == 2
    renewed = evolve(failed, again)
    with pytest.raises(refusals.NoSuchPlan):
        remedy.review(
            renewed, 1, passed=True, reviewer="eve", reviewer_role="department_head", at=NOON
        )


@pytest.mark.clause("OS-3.4-4c")
def test_management_approves_the_plan_for_a_major_complaint() -> None:
    reviewed = after(register, major, investigate, draft, review)
    for decide in (accept, decline):
        with pytest.raises(refusals.ApprovalMissing):
            decide(reviewed)
    with pytest.raises(refusals.NeedsManagement):
        approve(reviewed, role="department_head")
    with pytest.raises(refusals.OwnPlan):
        approve(reviewed, approver="ann")
    approved = reduce(evolve, approve(reviewed), reviewed)
    assert names(accept(approved)) == ["RemedyPlanAcceptedByCustomer"]


@pytest.mark.clause("OS-3.4-4c")
def test_what_turns_out_major_is_approved_before_it_is_applied() -> None:
    with pytest.raises(refusals.ApprovalMissing):
        apply(after(*READY, accept, major))


@pytest.mark.clause("OS-3.4-4d")
def test_a_plan_is_carried_out_once_the_customer_accepts_it() -> None:
    for steps in (READY, (*READY, decline)):
        with pytest.raises(refusals.CustomerHasNotAccepted):
            apply(after(*steps))
    with pytest.raises(refusals.PlanAlreadySettled):
        accept(after(*READY, decline))
    assert names(apply(after(*READY, accept))) == ["RemedyApplied"]
    with pytest.raises(refusals.PlanAlreadySettled):
        draft(after(*READY, accept, apply))


@pytest.mark.clause("CB-13.3b", "OS-3.4-5c")
@pytest.mark.parametrize("said", [(), (dissatisfied,), (follow_up, dissatisfied)])
def test_nothing_is_closed_before_the_customer_is_satisfied(said: tuple[Decision, ...]) -> None:
    with pytest.raises(refusals.CustomerNotSatisfied):
        close(after(*SOLVED, *said))
    assert names(close(after(*SOLVED, follow_up))) == ["ComplaintClosed"]


@pytest.mark.clause("CB-13.3b")
def test_a_reopened_complaint_needs_another_plan_and_another_answer() -> None:
    again = after(*READY, accept, apply, resolve, dissatisfied, reopen)
    assert (again.plan, again.satisfied, again.reopened) == (None, None, 1)
    with pytest.raises(refusals.RemedyMissing):
        resolve(again)
    with pytest.raises(refusals.ComplaintNotResolved):
        close(again)


@pytest.mark.clause("CB-13.3b")
def test_an_exception_is_approved_by_somebody_else() -> None:
    handled = after(assign, *READY, accept, apply, resolve, dissatisfied)
    exception = partial(close, handled, CloseBasis.APPROVED_EXCEPTION)
    for handler in ("ann", "bea"):
        with pytest.raises(refusals.OwnException):
            exception(handler, "management")
    with pytest.raises(refusals.NeedsManagement):
        exception("max", "complaint_officer")
    [closed] = exception("eve", "department_head")
    assert isinstance(closed, ComplaintClosed)
    assert (closed.basis, closed.approver) == (CloseBasis.APPROVED_EXCEPTION, "eve")


@pytest.mark.parametrize("name", sorted(UNRESOLVED_ONLY))
def test_a_resolved_complaint_is_reopened_first(name: str) -> None:
    with pytest.raises(refusals.ComplaintIsResolved):
        EVERYTHING[name](after(*SOLVED))


@pytest.mark.clause("OS-3.4-5c")
@pytest.mark.parametrize("name", ["communicate_outcome", "follow_up", "reopen", "close"])
def test_what_is_not_resolved_is_not_finished(name: str) -> None:
    with pytest.raises(refusals.ComplaintNotResolved):
        EVERYTHING[name](after(register))


def test_a_complaint_that_arrives_twice_is_one() -> None:
    assert receive(None, complaint()) == [complaint()]
    assert receive(after(), complaint()) == []
    with pytest.raises(refusals.ComplaintAlreadyRecorded):
        receive(after(), complaint(BOB))


def test_another_authority_answers_without_our_steps() -> None:
    told = after(
        lambda _: foreign.forwarded("ACME BANK", at=NOON),
        lambda c: foreign.answered(c, "closed_with_explanation", timely=True, solved=True, at=NOON),
    )
    assert told.resolved
    disputed = reduce(evolve, foreign.disputed(at=NOON), told)
    assert (disputed.resolved, disputed.reopened) == (False, 1)
    [progress] = foreign.answered(disputed, "in_progress", solved=False, at=NOON)
    assert names([progress]) == ["ComplaintOutcomeCommunicated"]
    ended = reduce(evolve, foreign.closed(disputed, at=NOON), disputed)
    assert ended.closed
    assert foreign.closed(ended, at=NOON) == []


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(sorted(EVERYTHING)), max_size=30), st.booleans())
def test_what_was_allowed_adds_up_and_ends_with_closing(asked: list[str], planned: bool) -> None:
    state = after(*READY) if planned else after()
    for name in asked:
        try:
            events = EVERYTHING[name](state)
        except Refused as refused:
            assert not state.closed or isinstance(refused, refusals.ComplaintIsClosed)
            continue
        assert not state.closed
        state = reduce(evolve, events, state)
    if state.plan is not None and state.plan.applied:
        assert state.plan.reviewed
        assert state.plan.accepted
    assert state.resolved or not state.closed
    assert state.registered or not state.resolved
