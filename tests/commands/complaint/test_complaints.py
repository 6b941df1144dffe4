"""Complaints from receipt to closing, through the record."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import count
from uuid import UUID

import pytest
from pydantic import ValidationError

from commands.command import Command
from commands.complaint.accept_remedy_plan import AcceptRemedyPlan
from commands.complaint.acknowledge_complaint import AcknowledgeComplaint
from commands.complaint.apply_remedy import ApplyRemedy
from commands.complaint.approve_remedy_plan import ApproveRemedyPlan
from commands.complaint.assign_complaint import AssignComplaint
from commands.complaint.classify_complaint import ClassifyComplaint
from commands.complaint.close_complaint import CloseComplaint
from commands.complaint.communicate_outcome import CommunicateOutcome
from commands.complaint.complete_investigation import CompleteInvestigation
from commands.complaint.decline_remedy_plan import DeclineRemedyPlan
from commands.complaint.draft_remedy_plan import DraftRemedyPlan
from commands.complaint.extend_investigation import ExtendInvestigation
from commands.complaint.follow_up_complaint import FollowUpComplaint
from commands.complaint.receive_complaint import ReceiveComplaint
from commands.complaint.record_publication_consent import RecordPublicationConsent
from commands.complaint.refer_complaint import ReferComplaint
from commands.complaint.register_complaint import RegisterComplaint
from commands.complaint.reopen_complaint import ReopenComplaint
from commands.complaint.resolve_complaint import ResolveComplaint
from commands.complaint.review_remedy_plan import ReviewRemedyPlan
from commands.customer.register_customer import RegisterCustomer
from domain.complaint.events import (
    CloseBasis,
    ComplaintAcknowledged,
    ComplaintClosed,
    ComplaintReceived,
    ComplaintRegistered,
    PublicationConsent,
    RemedyPlanApproved,
    RemedyPlanDrafted,
    RemedyPlanReviewed,
)
from domain.complaint.refusals import (
    ComplaintAlreadyRecorded,
    ComplaintIsClosed,
    CustomerNotSatisfied,
    OwnException,
    OwnPlan,
)
from domain.outside import outside_id
from domain.refusal import CustomerErased
from domain.terms import Channel, CollectionSource, Complexity, Severity
from infra.dispatch import Caller, Result, RoleNotAllowed
from tests.commands.erasing import erase
from tests.commands.office import NOON, Office

WORDS = "It broke on the first day."
LATER = NOON + timedelta(days=5)
COMMAND_IDS = count(2**65)


@pytest.fixture
def customer(office: Office) -> UUID:
    return registered(office)


@pytest.fixture
def complaint(office: Office, customer: UUID) -> UUID:
    return office.ask(complains(customer)).ids["complaint"]


def registered(office: Office) -> UUID:
    command = RegisterCustomer(collection_source=CollectionSource.PLATFORM_BACKEND, market="DE")
    return office.ask(command).ids["customer"]


def complains(customer: UUID, number: str | None = None) -> ReceiveComplaint:
    return ReceiveComplaint(
        customer_id=customer,
        channel=Channel.LETTER,
        text=WORDS,
        issue="Identity theft / Fraud / Embezzlement",
        respondent="CITIBANK, N.A.",
        vulnerability=("older_american",),
        source="cfpb" if number else None,
        number=number,
    )


def as_(office: Office, actor: str, role: str, command: Command) -> Result:
    """Sends a command as somebody other than ann, who does the rest."""
    return office.dispatcher.dispatch(command, Caller(actor, role), UUID(int=next(COMMAND_IDS)))


def register(complaint: UUID) -> RegisterComplaint:
    return RegisterComplaint(
        complaint_id=complaint,
        complaint_kind="quality",
        content=WORDS,
        demand="My money back.",
        claim_amount=Decimal("49.90"),
        currency="EUR",
    )


def draft(complaint: UUID) -> DraftRemedyPlan:
    return DraftRemedyPlan(
        complaint_id=complaint,
        remedy_kinds=("refund",),
        measures=WORDS,
        responsible="kim",
        due_at=LATER,
    )


def to_plan(office: Office, complaint: UUID) -> None:
    """A major complaint, as far as a plan that ann drafted."""
    for command in (
        register(complaint),
        ClassifyComplaint(
            complaint_id=complaint, complexity=Complexity.COMPLEX, severity=Severity.MAJOR
        ),
        AssignComplaint(complaint_id=complaint, owner="bea", participants=("kim",)),
        ReferComplaint(complaint_id=complaint, to="warehouse"),
        ExtendInvestigation(
            complaint_id=complaint, why="lab_test", told_customer=True, agreed_due=LATER
        ),
        CompleteInvestigation(
            complaint_id=complaint, facts=WORDS, responsible_party="warehouse", root_cause="packing"
        ),
        draft(complaint),
    ):
        office.ask(command)


def review(complaint: UUID, plan: int = 1) -> ReviewRemedyPlan:
    return ReviewRemedyPlan(complaint_id=complaint, plan=plan, passed=True)


def test_a_complaint_is_a_stream_about_its_customer(
    office: Office, customer: UUID, complaint: UUID
) -> None:
    [received] = office.on_record(complaint, ComplaintReceived)
    assert (received.customer, received.market) == (customer, "DE")
    assert received.vulnerability == ("older_american",)
    header = office.header(complaint, "ComplaintReceived")
    assert (header.kind, header.subject) == ("complaint", customer)
    assert header.purpose == "dpv:DisputeManagement"


def test_an_outside_number_is_one_complaint(office: Office, customer: UUID) -> None:
    first = office.ask(complains(customer, "130785"))
    assert first.ids["complaint"] == outside_id("complaint", "cfpb", "130785")
    assert office.ask(complains(customer, "130785")).position is None
    with pytest.raises(ComplaintAlreadyRecorded):
        office.ask(complains(registered(office), "130785"))


@pytest.mark.clause("CB-13.1a", "CB-13.1b", "OS-3.4-2c")
def test_a_complaint_is_acknowledged_and_registered(office: Office, complaint: UUID) -> None:
    told = AcknowledgeComplaint(
        complaint_id=complaint, apology=True, process_told=True, expected_time_told=True, text=WORDS
    )
    office.ask(told, role="agent")
    office.ask(register(complaint), role="agent")
    [acknowledged] = office.on_record(complaint, ComplaintAcknowledged)
    assert acknowledged.apology
    assert acknowledged.process_told
    assert acknowledged.expected_time_told
    [entry] = office.on_record(complaint, ComplaintRegistered)
    assert (entry.claim_amount, entry.currency) == (Decimal("49.90"), "EUR")
    assert entry.demand is not None
    assert entry.demand.token is not None


def test_a_claim_without_a_currency_is_malformed(complaint: UUID) -> None:
    with pytest.raises(ValidationError, match="go together"):
        RegisterComplaint(
            complaint_id=complaint,
            complaint_kind="quality",
            content=WORDS,
            demand=WORDS,
            claim_amount=Decimal(1),
        )


@pytest.mark.clause("CB-13.2b")
def test_a_simple_complaint_is_solved_on_the_spot(office: Office, complaint: UUID) -> None:
    for command in (
        register(complaint),
        ClassifyComplaint(complaint_id=complaint, complexity=Complexity.SIMPLE),
        ResolveComplaint(complaint_id=complaint, result="explained"),
        CommunicateOutcome(complaint_id=complaint, outcome="explained", satisfaction_asked=True),
        FollowUpComplaint(complaint_id=complaint, satisfied=True, suggestions=WORDS),
        CloseComplaint(complaint_id=complaint, basis=CloseBasis.SATISFIED),
    ):
        office.ask(command, role="complaint_officer")
    assert office.types(complaint)[-1] == "ComplaintClosed"
    with pytest.raises(ComplaintIsClosed):
        office.ask(ReopenComplaint(complaint_id=complaint, why="disputed"))


@pytest.mark.clause("CB-13.2d", "OS-3.4-4b", "OS-3.4-4c", "OS-3.4-4d")
def test_a_major_complaint_passes_three_people(office: Office, complaint: UUID) -> None:
    to_plan(office, complaint)
    as_(office, "eve", "department_head", review(complaint))
    as_(office, "max", "management", ApproveRemedyPlan(complaint_id=complaint, plan=1))
    for command in (
        AcceptRemedyPlan(complaint_id=complaint, plan=1),
        ApplyRemedy(complaint_id=complaint, plan=1, what="refund"),
        ResolveComplaint(complaint_id=complaint, result="refunded"),
    ):
        office.ask(command)
    [drafted] = office.on_record(complaint, RemedyPlanDrafted)
    assert (drafted.plan, drafted.drafted_by, drafted.responsible) == (1, "ann", "kim")
    [reviewed] = office.on_record(complaint, RemedyPlanReviewed)
    assert (reviewed.reviewer, reviewed.reviewer_role) == ("eve", "department_head")
    [approved] = office.on_record(complaint, RemedyPlanApproved)
    assert (approved.approver, approved.approver_role) == ("max", "management")
    assert office.types(complaint)[-1] == "ComplaintResolved"


@pytest.mark.clause("OS-3.4-4b", "OS-3.4-4c")
def test_nobody_passes_their_own_plan_in_another_role(office: Office, complaint: UUID) -> None:
    to_plan(office, complaint)
    with pytest.raises(RoleNotAllowed):
        office.ask(review(complaint))
    with pytest.raises(OwnPlan):
        office.ask(review(complaint), role="department_head")
    as_(office, "eve", "department_head", review(complaint))
    with pytest.raises(OwnPlan):
        office.ask(ApproveRemedyPlan(complaint_id=complaint, plan=1), role="management")


@pytest.mark.clause("OS-3.4-4d")
def test_a_declined_plan_is_drafted_anew(office: Office, complaint: UUID) -> None:
    to_plan(office, complaint)
    as_(office, "eve", "department_head", review(complaint))
    as_(office, "max", "management", ApproveRemedyPlan(complaint_id=complaint, plan=1))
    office.ask(DeclineRemedyPlan(complaint_id=complaint, plan=1, why="too_little"))
    office.ask(draft(complaint))
    assert [p.plan for p in office.on_record(complaint, RemedyPlanDrafted)] == [1, 2]


@pytest.mark.clause("CB-13.3b", "OS-3.4-5c")
def test_a_dissatisfied_customer_ends_nothing(office: Office, complaint: UUID) -> None:
    for command in (
        register(complaint),
        ClassifyComplaint(complaint_id=complaint, complexity=Complexity.SIMPLE),
        AssignComplaint(complaint_id=complaint, owner="bea"),
        ResolveComplaint(complaint_id=complaint, result="explained"),
        FollowUpComplaint(complaint_id=complaint, satisfied=False),
    ):
        office.ask(command)
    with pytest.raises(CustomerNotSatisfied):
        office.ask(CloseComplaint(complaint_id=complaint, basis=CloseBasis.SATISFIED))
    exception = CloseComplaint(complaint_id=complaint, basis=CloseBasis.APPROVED_EXCEPTION)
    with pytest.raises(OwnException):
        as_(office, "bea", "management", exception)
    as_(office, "max", "management", exception)
    [closed] = office.on_record(complaint, ComplaintClosed)
    assert (closed.basis, closed.approver) == (CloseBasis.APPROVED_EXCEPTION, "max")


def test_no_caller_claims_that_a_complaint_was_closed_elsewhere(complaint: UUID) -> None:
    with pytest.raises(ValidationError):
        CloseComplaint.model_validate({"complaint_id": complaint, "basis": "imported"})


def test_consent_to_publish_is_recorded_once(office: Office, complaint: UUID) -> None:
    refused = RecordPublicationConsent(complaint_id=complaint, given=PublicationConsent.REFUSED)
    office.ask(refused)
    assert office.ask(refused).position is None
    assert office.types(complaint).count("ComplaintPublicationConsentRecorded") == 1


@pytest.mark.clause("CB-15.2b")
def test_an_erased_customer_is_quoted_no_more(
    office: Office, customer: UUID, complaint: UUID
) -> None:
    erase(office, customer)
    with pytest.raises(CustomerErased):
        office.ask(register(complaint))
    with pytest.raises(CustomerErased):
        office.ask(complains(customer))
    office.ask(ReferComplaint(complaint_id=complaint, to="warehouse"))
    assert office.types(complaint)[-1] == "ComplaintReferred"
