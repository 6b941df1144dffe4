"""A customer's privacy case as a request finds it, and what was decided as a request records it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import cast
from uuid import UUID

from commands.command import Append, Desk, History, Message, Write
from domain.privacy.case import PrivacyCase, case_of
from domain.privacy.events import PrivacyEvent
from domain.privacy.evolve import evolve
from domain.refusal import NotFound

KIND = "privacy"
SYSTEM = frozenset({"system"})
"""Steps are the product's own; nobody is in this role."""


def find(desk: Desk, customer_id: UUID) -> tuple[History, PrivacyCase]:
    """Where the case stands and what it adds up to. NotFound if nothing was ever asked or held."""
    history = desk.load(KIND, case_of(customer_id))
    return history, folded(history)


def find_or_none(desk: Desk, customer_id: UUID) -> tuple[History | None, PrivacyCase]:
    try:
        return find(desk, customer_id)
    except NotFound:
        return None, PrivacyCase()


def folded(history: History) -> PrivacyCase:
    case = reduce(
        evolve, cast("list[PrivacyEvent]", history.facts), cast("PrivacyCase | None", None)
    )
    return case or PrivacyCase()


def written(
    desk: Desk, history: History | None, customer: History, events: list[PrivacyEvent]
) -> Write:
    """The events on the customer's case, begun if there is none."""
    if history is not None:
        return desk.change(history, events)
    stream = case_of(customer.stream)
    return desk.begin(KIND, stream, customer.stream, events, market=customer.market)


def recorded(
    desk: Desk,
    history: History,
    events: list[PrivacyEvent],
    outbox: Sequence[Message] = (),
) -> Append:
    """What was decided, or an empty answer if that is nothing."""
    ids = {"privacy": history.stream, "customer": history.subject}
    if not events:
        return Append(writes=[], ids=ids)
    return Append(writes=[desk.change(history, events)], outbox=outbox, ids=ids)
