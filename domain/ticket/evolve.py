"""How the events of a ticket add up. Refuses nothing: what was allowed then stays readable."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import assert_never

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
from domain.ticket.ticket import Ticket


def evolve(ticket: Ticket | None, event: TicketEvent) -> Ticket:
    if isinstance(event, InquiryReceived):
        return Ticket(
            customer=event.customer,
            tier=event.tier,
            priority=event.priority,
            impact=event.impact,
            urgency=event.urgency,
            market=event.market,
            tier_now=event.tier,
            unanswered_since=event.at,
        )
    assert ticket is not None, "a ticket's history begins with InquiryReceived"
    match event:
        case FirstResponseSent():
            return replace(ticket, responded=True, unanswered_since=None)
        case MessageSent() | InquiryAnswered():
            return replace(ticket, unanswered_since=None)
        case TicketAssigned():
            return replace(ticket, owner=event.owner, group=event.group)
        case QuestionAsked():
            return replace(ticket, asked=True, unanswered_since=None)
        case CustomerReplied():
            return replace(ticket, asked=False, unanswered_since=_earliest(ticket, event.at))
        case CustomerMessageReceived():
            return replace(ticket, unanswered_since=_earliest(ticket, event.at))
        case TicketMergedIn():
            since = event.owed_since
            return (
                ticket
                if since is None
                else replace(ticket, unanswered_since=_earliest(ticket, since))
            )
        case TicketTierNoted():
            return replace(ticket, tier_now=event.tier)
        case TicketMarketChanged():
            return replace(ticket, market=event.market)
        case TicketMerged():
            return replace(ticket, closed=True)
        case TicketPriorityChanged():
            return replace(
                ticket, priority=event.priority, impact=event.impact, urgency=event.urgency
            )
        case TicketStateNoted():
            return replace(ticket, seen_state=event.source_state)
        case TicketWorkStarted():
            return replace(_seen(ticket, event.source_state), work_started=True)
        case TicketWaiting():
            return replace(_seen(ticket, event.source_state), waiting_for=event.waiting_for)
        case TicketWaitingEnded():
            return replace(_seen(ticket, event.source_state), waiting_for=None)
        case TicketResolved():
            return replace(
                _seen(ticket, event.source_state),
                resolved=True,
                asked=False,
                unanswered_since=None,
            )
        case TicketReopened():
            return replace(
                _seen(ticket, event.source_state),
                resolved=False,
                closed=False,
                reopened=ticket.reopened + 1,
            )
        case TicketClosed():
            return replace(_seen(ticket, event.source_state), closed=True)
        case (
            AutoReplySent()
            | InternalNoteAdded()
            | RequirementReferred()
            | TicketAttributesNoted()
            | TicketFollowedUp()
        ):
            return ticket
        case _:
            assert_never(event)


def _earliest(ticket: Ticket, at: datetime) -> datetime:
    return at if ticket.unanswered_since is None else min(ticket.unanswered_since, at)


def _seen(ticket: Ticket, source_state: str | None) -> Ticket:
    return ticket if source_state is None else replace(ticket, seen_state=source_state)
