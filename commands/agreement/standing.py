"""Where the agreements with a recipient stand, if there are any."""

from __future__ import annotations

from functools import reduce
from typing import cast
from uuid import UUID

from commands.command import Append, Desk, History
from domain.agreement.agreement import Agreements, evolve, recipient_id
from domain.agreement.events import AgreementEvent

KIND = "agreement"


def find(desk: Desk, recipient: str) -> tuple[History | None, Agreements]:
    """The stream, None while nothing was agreed, and what it adds up to."""
    history = desk.record.history(recipient_id(recipient))
    facts = cast("list[AgreementEvent]", history.facts if history is not None else [])
    return history, reduce(evolve, facts, Agreements())


def recorded(
    desk: Desk,
    history: History | None,
    recipient: str,
    events: list[AgreementEvent],
    agreement: UUID,
) -> Append:
    """What was decided about an agreement, or an empty answer if that is nothing."""
    ids = {"agreement": agreement}
    if not events:
        return Append(writes=[], ids=ids)
    if history is not None:
        return Append(writes=[desk.change(history, events)], ids=ids)
    stream = recipient_id(recipient)
    return Append(writes=[desk.begin(KIND, stream, stream, events)], ids=ids)
