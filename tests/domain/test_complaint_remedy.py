"""The remedy of a complaint: planned, reviewed, approved, accepted, and only then applied."""

from __future__ import annotations

from datetime import datetime
from functools import partial, reduce

import pytest

from domain.complaint import refusals, remedy
from domain.complaint.events import (
    RemedyPlanDrafted,
)
from domain.complaint.evolve import evolve
from domain.terms import Complexity, Severity
from tests.domain.complained import (
    BEFORE_PLAN,
    LATER,
    NOON,
    READY,
    Decision,
    accept,
    after,
    apply,
    approve,
    classify,
    close,
    complex_,
    decline,
    dissatisfied,
    draft,
    investigate,
    major,
    names,
    register,
    reopen,
    resolve,
    review,
    simple,
)


@pytest.mark.clause("OS-3.4-4d")
@pytest.mark.parametrize("verdict", [complex_, classify(Complexity.SIMPLE, Severity.MAJOR)])
def test_what_is_complex_or_major_needs_its_remedy(verdict: Decision) -> None:
    for steps in ((register, verdict), (register, verdict, investigate, draft)):
        with pytest.raises(refusals.RemedyMissing):
            resolve(after(*steps))
    assert names(resolve(after(*READY, accept, apply))) == ["ComplaintResolved"]


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


@pytest.mark.clause("CB-13.3b")
def test_a_reopened_complaint_needs_another_plan_and_another_answer() -> None:
    again = after(*READY, accept, apply, resolve, dissatisfied, reopen)
    assert (again.plan, again.satisfied, again.reopened) == (None, None, 1)
    with pytest.raises(refusals.RemedyMissing):
        resolve(again)
    with pytest.raises(refusals.ComplaintNotResolved):
        close(again)
