"""What holds of a customer when something of theirs is received: their tier, their market."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from commands.command import Desk, Guard
from commands.customer.standing import find
from domain.terms import Market, Tier

_HIGHEST_FIRST = list(Tier)


class AtReceipt(NamedTuple):
    guard: Guard
    tier: Tier | None
    market: Market | None


def at_receipt(desk: Desk, customer_id: UUID) -> AtReceipt:
    """The highest tier any scheme gives them. NotFound or CustomerErased if they are not on
    record now; `guard` sees to it that they still are when the request commits."""
    history, customer = find(desk, customer_id)
    tiers = sorted(customer.tiers.values(), key=_HIGHEST_FIRST.index)
    return AtReceipt(
        guard=Guard(stream=customer_id, status="open"),
        tier=tiers[0] if tiers else None,
        market=history.market,
    )
