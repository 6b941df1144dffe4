"""What is known of a case when a rule looks at it: what its facts have said so far.

A fact that has one of these fields says it of its case; nobody has to tell the rules about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, fields

from domain.event import Event, Frozen

SAID = {
    "market": "market",
    "channel": "channel",
    "tier": "tier",
    "priority": "priority",
    "impact": "impact",
    "urgency": "urgency",
    "category": "category",
    "group": "team",
    "complexity": "complexity",
    "severity": "severity",
    "complaint_kind": "complaint_kind",
    "waiting_for": "waiting_for",
}
"""Field of a fact: what rules call it. Last said is what holds."""

WAITING = "waiting_for"
NOT_WAITING = frozenset({"TicketWaitingEnded", "TicketReopened", "TicketClosed"})


class Circumstances(Frozen):
    """`seen` are the names of the facts so far."""

    known: Mapping[str, str] = field(default_factory=dict)
    seen: frozenset[str] = frozenset()

    @property
    def market(self) -> str | None:
        return self.known.get("market")

    @property
    def waiting_for(self) -> str | None:
        return self.known.get(WAITING)

    def after(self, fact: Event) -> Circumstances:
        name = type(fact).__name__
        known = dict(self.known)
        for attribute, called in _said_by(type(fact)):
            if (value := getattr(fact, attribute)) is not None:
                known[called] = str(value)
        if name in NOT_WAITING:
            known.pop(WAITING, None)
        return Circumstances(known=known, seen=self.seen | {name})


def circumstances(facts: Iterable[Event], market: str | None = None) -> Circumstances:
    """`market` is the one its stream stands under, until a fact names another."""
    known = {} if market is None else {"market": market}
    case = Circumstances(known=known)
    for fact in facts:
        case = case.after(fact)
    return case


def _said_by(cls: type) -> tuple[tuple[str, str], ...]:
    found = _SAID_BY.get(cls)
    if found is None:
        names = {f.name for f in fields(cls)}
        found = tuple((said, called) for said, called in SAID.items() if said in names)
        _SAID_BY[cls] = found
    return found


_SAID_BY: dict[type, tuple[tuple[str, str], ...]] = {}
