"""Every row that can run: begun by one command and kept by another, with all its policies awake.

Noon of a Monday in London; the office is open from nine to six. What is not in the table is a row
that cannot run yet, or one that a test of its own keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import pytest

from commands.command import Command
from commands.complaint.acknowledge_complaint import AcknowledgeComplaint
from commands.complaint.classify_complaint import ClassifyComplaint
from commands.complaint.communicate_outcome import CommunicateOutcome
from commands.complaint.complete_investigation import CompleteInvestigation
from commands.complaint.draft_remedy_plan import DraftRemedyPlan
from commands.complaint.follow_up_complaint import FollowUpComplaint
from commands.complaint.receive_complaint import ReceiveComplaint
from commands.complaint.register_complaint import RegisterComplaint
from commands.complaint.resolve_complaint import ResolveComplaint
from commands.customer.complete_profile import CompleteProfile
from commands.customer.correct_profile import CorrectProfile
from commands.customer.evaluate_tier import EvaluateTier
from commands.customer.note_profile_change import NoteProfileChange
from commands.customer.record_interaction import RecordInteraction
from commands.customer.register_customer import RegisterCustomer
from commands.fields import ProfileFields
from commands.staff.record_joiner import RecordJoiner
from commands.staff.request_access import RequestAccess, Role
from commands.ticket.answer_inquiry import AnswerInquiry
from commands.ticket.follow_up_ticket import FollowUpTicket
from commands.ticket.receive_inquiry import ReceiveInquiry
from commands.ticket.record_customer_reply import RecordCustomerReply
from commands.ticket.refer_requirement import ReferRequirement
from commands.ticket.resolve_ticket import ResolveTicket
from commands.ticket.send_first_response import SendFirstResponse
from commands.ticket.send_message import SendMessage
from domain.customer.profile import CorrectionReason, ProfileField
from domain.policy.deadline import DeadlineRule
from domain.policy.reading import read_pack
from domain.terms import Channel, CollectionSource, Complexity, Direction
from domain.timer_events import SlaTimersFulfilled, SlaTimersStarted, StartedTimer
from infra.policies import DORMANT, DRAFTS, PACKS, policy_document, shipped_rulebook
from tests.commands.office import NOON, Office

WORDS = "The lid does not close."
RULES: Mapping[str, DeadlineRule] = {
    rule.id: replace(rule, pack=replace(rule.pack, active=True))
    for policy in (*PACKS, *DORMANT, *DRAFTS)
    for rule in read_pack(policy_document(policy))
}
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TOMORROW, AT_SIX = NOON + timedelta(days=1), NOON + 6 * HOUR
ONE_DAY, TWO_DAYS, THREE_DAYS = (AT_SIX + timedelta(days=n) for n in (1, 2, 3))
FIVE_DAYS = AT_SIX + timedelta(days=7)
AT_ONCE, ONE_HOUR = NOON + 15 * MINUTE, NOON + HOUR


class Case(NamedTuple):
    """Who and what is asked about; none of it is there before the step that makes it."""

    customer: UUID = UUID(int=0)
    ticket: UUID = UUID(int=0)
    complaint: UUID = UUID(int=0)


NOBODY = Case()
Step = Callable[[Case], Command]


class Promise(NamedTuple):
    """What begins it and what keeps it, and what is asked for before, in between and first."""

    row: str
    begins: Step
    keeps: Step
    due: datetime
    before: tuple[Step, ...] = ()
    between: tuple[Step, ...] = ()
    at: datetime = NOON


def customer(_: Case) -> Command:
    return RegisterCustomer(collection_source=CollectionSource.PLATFORM_BACKEND, market="GB")


def evaluates_as_core(case: Case) -> Command:
    scheme = shipped_rulebook().tiers["retail"]
    return EvaluateTier(
        customer_id=case.customer,
        scheme=scheme.id,
        as_of=date(2026, 3, 1),
        position=1,
        indicators=dict.fromkeys(scheme.indicators, Decimal(10**6)),
    )


def asks(channel: Channel = Channel.EMAIL, category: str | None = None) -> Step:
    return lambda case: ReceiveInquiry(
        customer_id=case.customer, channel=channel, category=category, text=WORDS
    )


def responds(case: Case) -> Command:
    return SendFirstResponse(ticket_id=case.ticket, text=WORDS)


def answers(case: Case) -> Command:
    return AnswerInquiry(ticket_id=case.ticket, text=WORDS)


def writes_again(case: Case) -> Command:
    return RecordCustomerReply(ticket_id=case.ticket, text=WORDS)


def writes_back(case: Case) -> Command:
    return SendMessage(ticket_id=case.ticket, text=WORDS)


def refers(case: Case) -> Command:
    return ReferRequirement(ticket_id=case.ticket, department="products", responsible="kim")


def solves(case: Case) -> Command:
    return ResolveTicket(ticket_id=case.ticket)


def follows_up(case: Case) -> Command:
    return FollowUpTicket(ticket_id=case.ticket, satisfaction=5)


def complains(case: Case) -> Command:
    return ReceiveComplaint(customer_id=case.customer, channel=Channel.PHONE, text=WORDS)


def acknowledges(case: Case) -> Command:
    return AcknowledgeComplaint(
        complaint_id=case.complaint, apology=True, process_told=True, expected_time_told=True
    )


def registers(case: Case) -> Command:
    return RegisterComplaint(
        complaint_id=case.complaint, complaint_kind="quality", content=WORDS, demand=WORDS
    )


def calls_it(complexity: Complexity) -> Step:
    return lambda case: ClassifyComplaint(complaint_id=case.complaint, complexity=complexity)


def investigates(case: Case) -> Command:
    return CompleteInvestigation(
        complaint_id=case.complaint, facts=WORDS, responsible_party="depot", root_cause="packing"
    )


def plans(case: Case) -> Command:
    return DraftRemedyPlan(
        complaint_id=case.complaint,
        remedy_kinds=("refund",),
        measures=WORDS,
        responsible="kim",
        due_at=FIVE_DAYS,
    )


def settles(case: Case) -> Command:
    return ResolveComplaint(complaint_id=case.complaint, result="refunded")


def tells(case: Case) -> Command:
    return CommunicateOutcome(complaint_id=case.complaint, satisfaction_asked=True)


def calls_back(case: Case) -> Command:
    return FollowUpComplaint(complaint_id=case.complaint, satisfied=True)


def talks(case: Case) -> Command:
    return RecordInteraction(
        customer_id=case.customer,
        channel=Channel.PHONE,
        direction=Direction.INBOUND,
        content=WORDS,
    )


def completes(case: Case) -> Command:
    return CompleteProfile(customer_id=case.customer, profile=ProfileFields(name="Ann Lee"))


def hears_of_a_change(case: Case) -> Command:
    return NoteProfileChange(customer_id=case.customer, fields=(ProfileField.NAME,))


def corrects(case: Case) -> Command:
    return CorrectProfile(
        customer_id=case.customer,
        why=CorrectionReason.CUSTOMER_REPORTED,
        profile=ProfileFields(name="Ann Lee-Smith"),
    )


def joins(_: Case) -> Command:
    return RecordJoiner(staff_id="kim", post="desk", market="GB")


def applies(_: Case) -> Command:
    return RequestAccess(
        staff_id="kim", post="desk", roles=(Role("agent"),), markets=None, teams=None
    )


SIMPLE, COMPLEX = calls_it(Complexity.SIMPLE), calls_it(Complexity.COMPLEX)
COMPLAINT = (customer, complains)
SIMPLE_ONE = (*COMPLAINT, registers, SIMPLE)
SETTLED = (*SIMPLE_ONE, settles)
CHAT, MESSAGE = asks(Channel.CHAT), asks(Channel.MESSAGE)
AFTER_SALES, QUALITY = asks(category="after_sales"), asks(category="quality")
PROMISES = [
    Promise("cb-7.3b", talks, completes, TOMORROW, (customer,)),
    Promise("cb-8.1a", hears_of_a_change, corrects, ONE_DAY, (customer, completes)),
    Promise("cb-10.1a", asks(), responds, ONE_HOUR, (customer,)),
    Promise("cb-10.1b", asks(), responds, NOON + 23 * HOUR, (customer,), at=AT_SIX + 2 * HOUR),
    Promise("cb-10.1d", asks(), responds, NOON + 30 * MINUTE, (customer, evaluates_as_core)),
    Promise("cb-12.2d", solves, follows_up, TOMORROW, (customer, AFTER_SALES)),
    Promise("cb-13.1a", complains, acknowledges, AT_ONCE, (customer,)),
    Promise("cb-13.2b-solved", SIMPLE, settles, AT_ONCE, (*COMPLAINT, registers)),
    Promise("cb-13.2b-told", SIMPLE, tells, AT_ONCE, (*COMPLAINT, registers), (settles,)),
    Promise("cb-13.2c", COMPLEX, plans, TWO_DAYS, (*COMPLAINT, registers), (investigates,)),
    Promise("cb-13.3a", settles, calls_back, THREE_DAYS, SIMPLE_ONE),
    Promise("ec-4.3.1a", asks(), responds, TOMORROW, (customer,)),
    Promise(
        "ec-4.3.1b-plan",
        complains,
        plans,
        TOMORROW + 24 * HOUR,
        (customer,),
        (registers, COMPLEX, investigates),
    ),
    Promise("os-3.1-2c", CHAT, responds, NOON + 5 * MINUTE, (customer,)),
    Promise("os-3.1-2d", asks(), responds, TOMORROW, (customer,)),
    Promise("os-3.1-2e-first", MESSAGE, responds, ONE_HOUR, (customer,)),
    Promise("os-3.1-2e-next", writes_again, writes_back, ONE_HOUR, (customer, MESSAGE, responds)),
    Promise("os-3.2-2b", asks(category="routine"), answers, AT_ONCE, (customer,)),
    Promise("os-3.2-2c", asks(category="specialised"), refers, ONE_HOUR, (customer,)),
    Promise("os-3.2-4b", solves, follows_up, THREE_DAYS, (customer, asks(category="requirement"))),
    Promise("os-3.4-2b", complains, registers, ONE_HOUR, (customer,)),
    Promise("os-3.4-2c", complains, acknowledges, ONE_HOUR, (customer,)),
    Promise("os-3.4-3b", registers, investigates, TWO_DAYS, COMPLAINT, (COMPLEX,)),
    Promise("os-3.4-5a", settles, tells, ONE_DAY, SIMPLE_ONE),
    Promise("os-3.4-5b", settles, calls_back, THREE_DAYS, SIMPLE_ONE),
    *(
        Promise(row, complains, acknowledges, TOMORROW, (customer,))
        for row in (
            "rr-d-6.6-answered",
            "rr-i-18",
            "rr-j-14-answered",
            "rr-l-9.2-complaint",
            "rr-o-4.3-complaint",
            "rr-o-4.5-answered",
            "rr-o-5.3-complaint",
        )
    ),
    *(
        Promise(row, complains, settles, FIVE_DAYS, (customer,), (registers, SIMPLE))
        for row in (
            "rr-b-7a",
            "rr-d-6.6-solved",
            "rr-i-6",
            "rr-j-14-solved",
            "rr-k-3d",
            "rr-l-9.2-complaint-solved",
            "rr-o-4.5-solved",
            "rr-p-3b",
            "rr-q-11a-solved",
            "rr-r-2.2.4",
        )
    ),
    Promise(
        "rr-q-11a-investigated",
        complains,
        investigates,
        TWO_DAYS,
        (customer,),
        (registers, COMPLEX),
    ),
    *(
        Promise(row, asks(), answers, TOMORROW, (customer,))
        for row in ("rr-e-4.2b", "rr-h-8-answered", "rr-l-8.2", "rr-r-2.2.3")
    ),
    *(
        Promise(row, asks(), solves, FIVE_DAYS, (customer,))
        for row in ("rr-h-8-solved", "rr-i-17a")
    ),
    *(
        Promise(row, asks(), responds, TOMORROW, (customer,))
        for row in ("rr-j-11", "rr-m-13", "rr-o-4.3-inquiry", "rr-o-5.3-inquiry")
    ),
    Promise("rr-l-6.2", talks, completes, ONE_DAY, (customer,)),
    Promise("rr-l-9.2-problem", AFTER_SALES, responds, TOMORROW, (customer,)),
    Promise("rr-l-9.2-problem-solved", AFTER_SALES, solves, FIVE_DAYS, (customer,)),
    Promise("rr-t-3.3a", joins, applies, ONE_DAY),
    Promise("rr-u-c1-3.1.2a", customer, completes, AT_SIX),
    Promise("rr-u-c2-1.1.2a-ticket", solves, follows_up, AT_ONCE, (customer, QUALITY)),
    Promise("rr-u-c2-1.1.2a-complaint", settles, calls_back, AT_ONCE, SIMPLE_ONE),
]
ELSEWHERE = {"cb-14.1e", "rr-a-3.3"}
"""Rows whose own tests begin and keep them; those of requests about data have theirs, too."""


@pytest.fixture
def awake() -> Office:
    """An office in which every shipped policy is in force and turned on."""
    return Office(replace(shipped_rulebook(), rules=list(RULES.values())))


def asked(office: Office, steps: tuple[Step, ...], case: Case = NOBODY) -> Case:
    for step in steps:
        ids = office.ask(step(case)).ids
        case = case._replace(**{name: ids[name] for name in Case._fields if name in ids})
    return case


def rows_in(office: Office, kind: type[SlaTimersStarted]) -> dict[str, StartedTimer]:
    """Every promise made so far, by row."""
    return {
        timer.rule: timer
        for recorded in office.record.read_after(0, 1000)
        if isinstance(recorded.event, kind)
        for timer in recorded.event.timers
    }


def kept_in(office: Office) -> set[UUID]:
    return {
        timer.timer
        for recorded in office.record.read_after(0, 1000)
        if isinstance(recorded.event, SlaTimersFulfilled)
        for timer in recorded.event.timers
    }


@pytest.mark.parametrize(
    "promise",
    [
        pytest.param(promise, id=promise.row, marks=pytest.mark.clause(RULES[promise.row].clause))
        for promise in PROMISES
    ],
)
def test_it_begins_with_one_command_and_is_kept_by_another(promise: Promise, awake: Office) -> None:
    awake.now = promise.at
    case = asked(awake, promise.before)
    assert promise.row not in rows_in(awake, SlaTimersStarted)
    case = asked(awake, (promise.begins,), case)
    made = rows_in(awake, SlaTimersStarted)[promise.row]
    assert (made.clause, made.due_at) == (RULES[promise.row].clause, promise.due)
    awake.now += 3 * MINUTE
    case = asked(awake, promise.between, case)
    assert made.timer not in kept_in(awake)
    asked(awake, (promise.keeps,), case)
    assert made.timer in kept_in(awake)


def test_every_row_that_can_run_is_in_the_table_or_has_a_test_of_its_own() -> None:
    can_run = {
        rule.id
        for rule in RULES.values()
        if rule.starts and not rule.pack.id.startswith("privacy_rights")
    }
    assert {promise.row for promise in PROMISES} | ELSEWHERE == can_run
