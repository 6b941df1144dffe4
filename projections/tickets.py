"""The tickets: where each stands, who has it, how long it waited, who spoke when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never, cast, get_args
from uuid import UUID

from domain.ticket.events import (
    AutoReplySent,
    CustomerMessageReceived,
    CustomerReplied,
    FirstResponseSent,
    InquiryAnswered,
    InquiryReceived,
    InternalNoteAdded,
    MessageSent,
    QuestionAsked,
    RequirementReferred,
    TicketAssigned,
    TicketAttributesNoted,
    TicketClosed,
    TicketEvent,
    TicketFollowedUp,
    TicketMarketChanged,
    TicketMerged,
    TicketMergedIn,
    TicketPriorityChanged,
    TicketReopened,
    TicketResolved,
    TicketStateNoted,
    TicketTierNoted,
    TicketWaiting,
    TicketWaitingEnded,
    TicketWorkStarted,
)
from projections.projection import Entry, Heading, Projection, Rows, token_of
from projections.table import Table

RECEIVED, IN_PROGRESS, WAITING = "received", "in_progress", "waiting"
RESOLVED, CLOSED = "resolved", "closed"
CUSTOMER, OWNER, OTHER = "customer", "owner", "other"
"""The sides that speak."""
_SECOND = timedelta(seconds=1)


@dataclass(slots=True)
class TicketRow:
    ticket: UUID
    customer: UUID
    source: str | None
    number: str | None
    market: str | None
    language: str | None
    channel: str
    category: str | None
    tier: str | None
    priority_first: str | None
    priority: str | None
    impact: str | None
    urgency: str | None
    opened_at: datetime
    at_precision: str
    subject_token: str | None
    state: str = RECEIVED
    waiting_for: str | None = None
    waiting_since: datetime | None = None
    waited: dict[str, int] = field(default_factory=dict)
    owner: str | None = None
    team: str | None = None
    first_owner_at: datetime | None = None
    first_team_at: datetime | None = None
    source_state: str | None = None
    state_path: str = ""
    states: list[list[str]] = field(default_factory=list)
    work_started_at: datetime | None = None
    first_customer_at: datetime | None = None
    first_reply_at: datetime | None = None
    first_owner_reply_at: datetime | None = None
    first_auto_reply_at: datetime | None = None
    first_response_at: datetime | None = None
    first_resolved_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    reopened: int = 0
    events: int = 0
    source_rows: int = 0
    last_source_ref: str | None = None
    messages_customer: int = 0
    messages_staff: int = 0
    auto_replies: int = 0
    notes: int = 0
    turns: int = 0
    last_speaker: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    satisfaction: int | None = None
    merged_into: UUID | None = None


def fold(rows: Rows[TicketRow], entry: Entry) -> None:
    header, event = entry.header, cast("TicketEvent", entry.event)
    if isinstance(event, InquiryReceived):
        rows[header.stream] = _received(header, event)
        return
    row = rows[header.stream]
    row.events += 1
    if header.source_ref not in (None, row.last_source_ref):
        row.source_rows += 1
        row.last_source_ref = header.source_ref
    match event:
        case CustomerMessageReceived() | CustomerReplied():
            _customer_spoke(row, event.at)
        case AutoReplySent():
            row.auto_replies += 1
            row.first_auto_reply_at = row.first_auto_reply_at or event.at
            _replied(row, OTHER, event.at)
        case FirstResponseSent() | MessageSent() | QuestionAsked():
            _staff_spoke(row, event)
        case InternalNoteAdded():
            row.notes += 1
            _spoke(row, CUSTOMER if event.staff is None else _side(row, event.staff))
        case TicketAssigned():
            row.owner, row.team = event.owner, event.group
            if event.owner is not None:
                row.first_owner_at = row.first_owner_at or event.at
            if event.group is not None:
                row.first_team_at = row.first_team_at or event.at
        case TicketPriorityChanged():
            row.priority, row.impact, row.urgency = event.priority, event.impact, event.urgency
        case TicketAttributesNoted():
            row.attributes |= event.attributes
        case TicketFollowedUp():
            row.satisfaction = event.satisfaction
        case TicketMarketChanged():
            row.market = event.market
        case TicketMerged():
            row.merged_into, row.closed_at, row.state = event.into, event.at, CLOSED
        case InquiryAnswered() | RequirementReferred() | TicketMergedIn() | TicketTierNoted():
            pass
        case (
            TicketWorkStarted()
            | TicketWaiting()
            | TicketWaitingEnded()
            | TicketStateNoted()
            | TicketResolved()
            | TicketReopened()
            | TicketClosed()
        ):
            _moved(row, event)
        case _:
            assert_never(event)


def _received(header: Heading, event: InquiryReceived) -> TicketRow:
    """An enquiry without a text was opened before the customer said anything in public."""
    row = TicketRow(
        ticket=header.stream,
        customer=header.subject,
        source=event.source,
        number=event.number,
        market=event.market,
        language=event.language,
        channel=event.channel,
        category=event.category,
        tier=event.tier,
        priority_first=event.priority,
        priority=event.priority,
        impact=event.impact,
        urgency=event.urgency,
        opened_at=event.at,
        at_precision=event.at_precision,
        subject_token=token_of(event.subject),
        events=1,
        last_source_ref=header.source_ref,
    )
    if event.text is not None:
        _customer_spoke(row, event.at)
    return row


Move = (
    TicketWorkStarted
    | TicketWaiting
    | TicketWaitingEnded
    | TicketStateNoted
    | TicketResolved
    | TicketReopened
    | TicketClosed
)


def _moved(row: TicketRow, event: Move) -> None:
    if event.source_state not in (None, row.source_state):
        row.source_state = event.source_state
        row.states.append([event.source_state, event.at.isoformat()])
        row.state_path = ">".join(state for state, _ in row.states)
    match event:
        case TicketWorkStarted():
            row.work_started_at = row.work_started_at or event.at
            row.state = IN_PROGRESS
        case TicketWaiting():
            _stop_waiting(row, event.at)
            row.state, row.waiting_since = WAITING, event.at
            row.waiting_for = event.waiting_for.value
        case TicketWaitingEnded():
            _stop_waiting(row, event.at)
            row.state = IN_PROGRESS
        case TicketResolved():
            row.first_resolved_at = row.first_resolved_at or event.at
            row.resolved_at = event.at
            row.state = RESOLVED
        case TicketReopened():
            row.reopened += 1
            row.closed_at = None
            row.state = IN_PROGRESS
        case TicketClosed():
            row.closed_at = event.at
            row.state = CLOSED
        case TicketStateNoted():
            pass


def _stop_waiting(row: TicketRow, at: datetime) -> None:
    if row.waiting_since is not None and row.waiting_for is not None:
        seconds = (at - row.waiting_since) // _SECOND
        row.waited[row.waiting_for] = row.waited.get(row.waiting_for, 0) + seconds
    row.waiting_for = row.waiting_since = None


def _customer_spoke(row: TicketRow, at: datetime) -> None:
    row.messages_customer += 1
    row.first_customer_at = row.first_customer_at or at
    _spoke(row, CUSTOMER)


def _staff_spoke(row: TicketRow, event: FirstResponseSent | MessageSent | QuestionAsked) -> None:
    """A first response without a text only says that what follows is one."""
    if isinstance(event, FirstResponseSent):
        row.first_response_at = event.at
        row.state = IN_PROGRESS if row.state == RECEIVED else row.state
        if event.text is None:
            return
    row.messages_staff += 1
    side = _side(row, event.staff)
    if side == OWNER and _after_customer(row, event.at):
        row.first_owner_reply_at = row.first_owner_reply_at or event.at
    _replied(row, side, event.at)


def _replied(row: TicketRow, side: str, at: datetime) -> None:
    if _after_customer(row, at):
        row.first_reply_at = row.first_reply_at or at
    _spoke(row, side)


def _after_customer(row: TicketRow, at: datetime) -> bool:
    return row.first_customer_at is not None and at >= row.first_customer_at


def _side(row: TicketRow, staff: str | None) -> str:
    return OWNER if staff is not None and staff == row.owner else OTHER


def _spoke(row: TicketRow, side: str) -> None:
    row.turns += side != row.last_speaker
    row.last_speaker = side


TICKETS = Projection(
    name="tickets",
    version=2,
    table=Table(
        name="tickets",
        says="One row per ticket: where it stands and what has happened to it",
        row=TicketRow,
        key=("ticket",),
        indexes=("(customer)", "(state, opened_at)", "(source, number)"),
    ),
    on=get_args(TicketEvent),
    fold=fold,
    parks_by="stream",
)
