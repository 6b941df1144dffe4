"""A case as requests about its promises find it, whatever kind of case it is."""

from __future__ import annotations

from uuid import UUID

from commands.command import Desk, History
from domain.refusal import NotFound

CASES = frozenset({"ticket", "complaint", "privacy", "staff", "order", "customer"})
"""The kinds of stream that promises are made in."""


def found(desk: Desk, case: UUID) -> History:
    """NotFound if nothing of that kind is on record under this id."""
    history = desk.record.history(case)
    if history is None or history.kind not in CASES:
        raise NotFound(kind="case", id=str(case))
    return history
