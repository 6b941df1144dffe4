"""What may happen to a complaint, and what may not."""

from __future__ import annotations

from datetime import timedelta
from functools import partial, reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.complaint import foreign, refusals
from domain.complaint.complaint import receive
from domain.complaint.events import (
    CloseBasis,
    ComplaintClassified,
    ComplaintClosed,
    ComplaintDeadlineExtended,
)
from domain.complaint.evolve import evolve
from domain.refusal import Refused
from domain.terms import Complexity, Severity
from tests.domain.complained import (
    BEFORE_PLAN,
    BOB,
    EVERYTHING,
    LATER,
    NOON,
    READY,
    SOLVED,
    UNRESOLVED_ONLY,
    Decision,
    accept,
    acknowledge,
    after,
    apply,
    assign,
    close,
    complaint,
    complex_,
    dissatisfied,
    draft,
    extend,
    follow_up,
    investigate,
    names,
    register,
    resolve,
    simple,
)
from tests.examples import examples


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


@pytest.mark.clause("CB-13.3b", "OS-3.4-5c")
@pytest.mark.parametrize("said", [(), (dissatisfied,), (follow_up, dissatisfied)])
def test_nothing_is_closed_before_the_customer_is_satisfied(said: tuple[Decision, ...]) -> None:
    with pytest.raises(refusals.CustomerNotSatisfied):
        close(after(*SOLVED, *said))
    assert names(close(after(*SOLVED, follow_up))) == ["ComplaintClosed"]


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


@settings(max_examples=examples(300), deadline=None)
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
