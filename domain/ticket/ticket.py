"""A ticket's state and the decisions about it. How events add up to it is in `evolve.py`.

Decisions bind our own staff: what an outside system records of its cases is in `foreign.py`.
Automatic replies, internal notes and work starting answer nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Unpack
from uuid import UUID

from domain.event import Frozen
from domain.personal import Content
from domain.terms import Language, Market, Tier, WaitingFor
from domain.ticket import refusals
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
    TicketClosed,
    TicketEvent,
    TicketFollowedUp,
    TicketMarketChanged,
    TicketMerged,
    TicketMergedIn,
    TicketPriorityChanged,
    TicketReopened,
    TicketResolved,
    TicketTierNoted,
    TicketWaiting,
    TicketWaitingEnded,
    TicketWorkStarted,
)
from domain.when import When

AUTOMATIC = frozenset({"system", "importer"})
"""Roles no person acts in."""


class Ticket(Frozen):
    """`tier` is the one held at receipt. `asked`: a question to the customer is open.
    `seen_state`: the outside system's latest. `unanswered_since`: the earliest message of the
    customer that nobody has answered."""

    customer: UUID
    tier: Tier | None = None
    responded: bool = False
    asked: bool = False
    work_started: bool = False
    waiting_for: WaitingFor | None = None
    resolved: bool = False
    closed: bool = False
    reopened: int = 0
    owner: str | None = None
    group: str | None = None
    priority: str | None = None
    impact: str | None = None
    urgency: str | None = None
    seen_state: str | None = None
    market: Market | None = None
    tier_now: Tier | None = None
    unanswered_since: datetime | None = None

    def auto_reply(self, text: Content | None = None, **when: Unpack[When]) -> list[TicketEvent]:
        self._must_be_open()
        return [AutoReplySent(text=text, **when)]

    def first_response(
        self,
        *,
        staff: str,
        role: str,
        language: Language | None = None,
        template: str | None = None,
        text: Content | None = None,
        **when: Unpack[When],
    ) -> list[TicketEvent]:
        """`role` is the one `staff` acts in: no automatic one sends a first response."""
        self._must_be_unresolved()
        if role in AUTOMATIC:
            raise refusals.FirstResponseNeedsPerson(staff=staff)
        if self.responded:
            raise refusals.AlreadyResponded
        return [
            FirstResponseSent(staff=staff, language=language, template=template, text=text, **when)
        ]

    def send_message(
        self,
        *,
        staff: str,
        language: Language | None = None,
        text: Content,
        **when: Unpack[When],
    ) -> list[TicketEvent]:
        """The first one a person sends is the first response."""
        self._must_be_unresolved()
        if not self.responded:
            return [FirstResponseSent(staff=staff, language=language, text=text, **when)]
        return [MessageSent(staff=staff, language=language, text=text, **when)]

    def answer(
        self,
        *,
        staff: str,
        topic: str | None = None,
        knowledge_reference: str | None = None,
        text: Content | None = None,
        **when: Unpack[When],
    ) -> list[TicketEvent]:
        """An answer given before anything else was said is the first response, too."""
        self._must_be_unresolved()
        answered = InquiryAnswered(
            staff=staff, topic=topic, knowledge_reference=knowledge_reference, text=text, **when
        )
        return [*self._first_heard(staff, **when), answered]

    def ask_customer(self, text: Content, *, staff: str, **when: Unpack[When]) -> list[TicketEvent]:
        """The ticket waits for the customer from now on, until they reply."""
        self._must_be_unresolved()
        return [
            *self._first_heard(staff, **when),
            QuestionAsked(staff=staff, text=text, **when),
            *self._wait(WaitingFor.CUSTOMER, **when),
        ]

    def customer_wrote(
        self, text: Content | None = None, **when: Unpack[When]
    ) -> list[TicketEvent]:
        """A reply, if something was asked. Taken on a resolved ticket, too: whether it reopens
        is for a person to say."""
        self._must_be_open()
        heard: list[TicketEvent] = [
            CustomerReplied(text=text, **when)
            if self.asked
            else CustomerMessageReceived(text=text, **when)
        ]
        if self.waiting_for is WaitingFor.CUSTOMER:
            heard.append(TicketWaitingEnded(**when))
        return heard

    def add_note(self, text: Content, *, staff: str, **when: Unpack[When]) -> list[TicketEvent]:
        self._must_be_open()
        return [InternalNoteAdded(staff=staff, text=text, **when)]

    def assign(
        self, *, owner: str | None = None, group: str | None = None, **when: Unpack[When]
    ) -> list[TicketEvent]:
        """The whole assignment: a person without a group belongs to none."""
        self._must_be_unresolved()
        if owner is None and group is None:
            raise refusals.NobodyNamed
        if (owner, group) == (self.owner, self.group):
            return []
        return [
            TicketAssigned(
                owner=owner,
                group=group,
                previous_owner=self.owner,
                previous_group=self.group,
                **when,
            )
        ]

    def start_work(self, **when: Unpack[When]) -> list[TicketEvent]:
        self._must_be_unresolved()
        return [] if self.work_started else [TicketWorkStarted(**when)]

    def refer(
        self, *, department: str, responsible: str, **when: Unpack[When]
    ) -> list[TicketEvent]:
        self._must_be_unresolved()
        if not department.strip() or not responsible.strip():
            raise refusals.ResponsibleNotNamed
        return [RequirementReferred(department=department, responsible=responsible, **when)]

    def put_on_hold(self, waiting_for: WaitingFor, **when: Unpack[When]) -> list[TicketEvent]:
        self._must_be_unresolved()
        return self._wait(waiting_for, **when)

    def resume(self, **when: Unpack[When]) -> list[TicketEvent]:
        self._must_be_unresolved()
        return self._stop_waiting(**when)

    def change_priority(
        self,
        priority: str,
        *,
        impact: str | None = None,
        urgency: str | None = None,
        **when: Unpack[When],
    ) -> list[TicketEvent]:
        self._must_be_unresolved()
        if (priority, impact, urgency) == (self.priority, self.impact, self.urgency):
            return []
        return [TicketPriorityChanged(priority=priority, impact=impact, urgency=urgency, **when)]

    def merge_into(self, other: Ticket, target: UUID, **when: Unpack[When]) -> list[TicketEvent]:
        """A ticket whose customer is another, or that has ended, takes nothing in."""
        self._must_be_unresolved()
        if other.customer != self.customer:
            raise refusals.TicketOfAnotherCustomer(ticket=str(target))
        other._must_be_unresolved()
        return [TicketMerged(into=target, **when)]

    def take_in(self, merged: UUID, other: Ticket, **when: Unpack[When]) -> list[TicketEvent]:
        return [TicketMergedIn(merged=merged, owed_since=other.unanswered_since, **when)]

    def note_tier(self, tier: Tier, **when: Unpack[When]) -> list[TicketEvent]:
        self._must_be_open()
        if tier == self.tier_now:
            return []
        return [TicketTierNoted(tier=tier, previous_tier=self.tier_now, **when)]

    def change_market(self, market: Market, **when: Unpack[When]) -> list[TicketEvent]:
        self._must_be_unresolved()
        if market == self.market:
            return []
        return [TicketMarketChanged(market=market, previous_market=self.market, **when)]

    def resolve(self, result: str | None = None, **when: Unpack[When]) -> list[TicketEvent]:
        """Ends a wait: nothing is waited for any more."""
        self._must_be_unresolved()
        return [*self._stop_waiting(**when), TicketResolved(result=result, **when)]

    def reopen(self, reason: str, **when: Unpack[When]) -> list[TicketEvent]:
        self._must_be_resolved()
        return [TicketReopened(reason=reason, **when)]

    def follow_up(
        self,
        *,
        satisfaction: int | None = None,
        suggestions: Content | None = None,
        **when: Unpack[When],
    ) -> list[TicketEvent]:
        self._must_be_resolved()
        if satisfaction is not None and not 1 <= satisfaction <= 5:
            raise refusals.SatisfactionOutOfScale(satisfaction=satisfaction)
        return [TicketFollowedUp(satisfaction=satisfaction, suggestions=suggestions, **when)]

    def close(self, **when: Unpack[When]) -> list[TicketEvent]:
        self._must_be_resolved()
        return [TicketClosed(**when)]

    def _first_heard(self, staff: str, **when: Unpack[When]) -> list[TicketEvent]:
        return [] if self.responded else [FirstResponseSent(staff=staff, **when)]

    def _wait(self, waiting_for: WaitingFor, **when: Unpack[When]) -> list[TicketEvent]:
        if waiting_for is self.waiting_for:
            return []
        return [*self._stop_waiting(**when), TicketWaiting(waiting_for=waiting_for, **when)]

    def _stop_waiting(self, **when: Unpack[When]) -> list[TicketEvent]:
        return [] if self.waiting_for is None else [TicketWaitingEnded(**when)]

    def _must_be_open(self) -> None:
        if self.closed:
            raise refusals.TicketIsClosed

    def _must_be_unresolved(self) -> None:
        self._must_be_open()
        if self.resolved:
            raise refusals.TicketIsResolved

    def _must_be_resolved(self) -> None:
        self._must_be_open()
        if not self.resolved:
            raise refusals.TicketNotResolved


def receive(found: Ticket | None, received: InquiryReceived) -> list[TicketEvent]:
    """`found` is what is already on record under the outside number: the same again is no event."""
    if found is None:
        return [received]
    if found.customer == received.customer:
        return []
    raise refusals.TicketAlreadyRecorded(source=received.source, number=received.number)
