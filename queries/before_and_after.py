"""What did an event change, and what stood there before it?

A value before is the last one in the same stream's history, so it is as complete as the history
handed in: from the first event on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from queries.history_as_of import Fact

MASKED = "***"
"""How a sealed value is shown until it is opened at the gate."""

FOLLOWED: Mapping[str, tuple[str, ...]] = {
    "CustomerRegistered": ("kind", "country", "language"),
    "CustomerProfileCompleted": ("kind", "country", "language"),
    "CustomerProfileUpdated": ("country", "language"),
    "CustomerTierChanged": ("to_tier",),
    "InquiryReceived": ("priority", "impact", "urgency"),
    "TicketPriorityChanged": ("priority", "impact", "urgency"),
    "TicketAssigned": ("owner", "group"),
    "ComplaintAssigned": ("owner",),
    "ComplaintClassified": ("complexity", "severity"),
}
"""The clear fields that stand until another event of the stream changes them. Every sealed field of
a profile does so, too."""


_AGREED: Mapping[str, str | None] = {
    "ConsentGranted": "given",
    "ConsentWithdrawn": None,
    "ConsentExpired": None,
}
"""What a consent is from then on: each purpose, scope and recipient is followed by itself."""


class Change(NamedTuple):
    field: str
    before: str | None
    after: str | None


def before_and_after(history: Sequence[Fact]) -> Iterator[tuple[Fact, list[Change]]]:
    """Each event of a history with what it changed. Sealed values are masked on both sides."""
    standing: dict[tuple[UUID, str], str] = {}
    for fact in history:
        changes = []
        for field, value in _said(fact):
            before = standing.get((fact.stream, field))
            if value == before and value != MASKED:
                continue
            changes.append(Change(field, before, value))
            if value is None:
                standing.pop((fact.stream, field), None)
            else:
                standing[fact.stream, field] = value
        yield fact, changes


def _said(fact: Fact) -> Iterator[tuple[str, str | None]]:
    absent_means_none = fact.type in ("TicketAssigned", "TicketPriorityChanged")
    for field in FOLLOWED.get(fact.type, ()):
        value = fact.facts.get(field)
        if value is not None or absent_means_none:
            yield field, value
    if fact.type in _AGREED:
        facts = fact.facts
        whom = ",".join(facts.get("recipients", ()))
        use = f"consent.{facts['purpose']}.{facts['scope']}"
        yield f"{use}.{whom}" if whom else use, _AGREED[fact.type]
    for path in fact.sealed or ():
        if path.startswith("profile."):
            yield path, MASKED
    for correction in fact.facts.get("corrections", ()):
        if correction.get("removed"):
            name = correction["field"]
            yield name if name in ("country", "language") else f"profile.{name}", None
