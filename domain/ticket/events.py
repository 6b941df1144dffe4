"""Events of a ticket. The subject of its stream is the customer.

`source_state` is what an outside system calls the state a case came to, where one kept it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from domain.event import Event
from domain.personal import Content
from domain.terms import Channel, Language, Market, Tier, WaitingFor


class InquiryReceived(Event):
    """`tier` is the one held at receipt. `number` is the outside system's, `source` its name."""

    customer: UUID
    channel: Channel
    market: Market | None = None
    language: Language | None = None
    tier: Tier | None = None
    subject: Content | None = None
    text: Content | None = None
    category: str | None = None
    priority: str | None = None
    impact: str | None = None
    urgency: str | None = None
    source: str | None = None
    number: str | None = None


class AutoReplySent(Event):
    """A text nobody wrote for this customer. Answers nothing and stops no clock."""

    text: Content | None = None


class FirstResponseSent(Event):
    """The first public reply by a person."""

    staff: str | None = None
    language: Language | None = None
    template: str | None = None
    text: Content | None = None


class MessageSent(Event):
    """A later public reply by a person."""

    staff: str | None = None
    language: Language | None = None
    text: Content | None = None


class CustomerMessageReceived(Event):
    """The customer wrote without having been asked."""

    text: Content | None = None


class InternalNoteAdded(Event):
    """Among staff only. Never shown to the customer, stops no clock."""

    staff: str | None = None
    text: Content


class InquiryAnswered(Event):
    """What was asked has been answered; `knowledge_reference` is the article it rests on."""

    staff: str | None = None
    topic: str | None = None
    knowledge_reference: str | None = None
    text: Content | None = None


class TicketAssigned(Event):
    """`owner` is a person, `group` a team. None: nobody."""

    owner: str | None = None
    group: str | None = None
    previous_owner: str | None = None
    previous_group: str | None = None


class TicketWorkStarted(Event):
    """Somebody took it up. The customer has heard nothing yet, so it is no first response."""

    source_state: str | None = None


class RequirementReferred(Event):
    """Passed to a business department, with the person there who answers for it."""

    department: str
    responsible: str


class QuestionAsked(Event):
    staff: str | None = None
    text: Content


class CustomerReplied(Event):
    """The customer answered what they were asked."""

    text: Content | None = None


class TicketWaiting(Event):
    """Whether a clock pauses for it is for the clock's own rule to say."""

    waiting_for: WaitingFor
    source_state: str | None = None


class TicketWaitingEnded(Event):
    source_state: str | None = None


class TicketPriorityChanged(Event):
    priority: str
    impact: str | None = None
    urgency: str | None = None


class TicketAttributesNoted(Event):
    """What an outside system noted besides, by its own names: codes only, no text of people.

    An empty value says that the attribute was emptied."""

    attributes: Mapping[str, str]


class TicketStateNoted(Event):
    """An outside system's state that is none of ours, or the one it was in already."""

    source_state: str


class TicketResolved(Event):
    result: str | None = None
    source_state: str | None = None


class TicketReopened(Event):
    reason: str
    source_state: str | None = None


class TicketFollowedUp(Event):
    """`satisfaction` from 1 (not at all) to 5 (fully), if the customer said."""

    satisfaction: int | None = None
    suggestions: Content | None = None


class TicketClosed(Event):
    source_state: str | None = None


class TicketMerged(Event):
    """What it asks is answered in another ticket of the same customer, and owed there."""

    into: UUID


class TicketMergedIn(Event):
    """`owed_since`: the earliest message of the other that nobody had answered, if there is one."""

    merged: UUID
    owed_since: datetime | None = None


class TicketTierNoted(Event):
    """The customer's tier changed while the ticket was open. The one at receipt stays."""

    tier: Tier
    previous_tier: Tier | None = None


class TicketMarketChanged(Event):
    """Another market's service goes on with it, by its own hours."""

    market: Market
    previous_market: Market | None = None


TicketEvent = (
    InquiryReceived
    | AutoReplySent
    | FirstResponseSent
    | MessageSent
    | CustomerMessageReceived
    | InternalNoteAdded
    | InquiryAnswered
    | TicketAssigned
    | TicketWorkStarted
    | RequirementReferred
    | QuestionAsked
    | CustomerReplied
    | TicketWaiting
    | TicketWaitingEnded
    | TicketPriorityChanged
    | TicketAttributesNoted
    | TicketStateNoted
    | TicketResolved
    | TicketReopened
    | TicketFollowedUp
    | TicketMerged
    | TicketMergedIn
    | TicketTierNoted
    | TicketMarketChanged
    | TicketClosed
)
