"""What a staff member holds now: read from the record each time, never from a table that lags."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import NamedTuple, cast
from uuid import UUID

from domain.event import Event, Recorded
from domain.staff.access import StaffAccess, staff_stream
from domain.staff.events import StaffEvent
from domain.staff.evolve import evolve
from domain.timers import is_fact


class Held(NamedTuple):
    """Roles in order of preference; None: every market, every team."""

    roles: Sequence[str]
    markets: frozenset[str] | None
    teams: frozenset[str] | None


NOTHING = Held((), frozenset(), frozenset())


class StaffHeld:
    """`read_stream` gives the events of a stream in order, none if there is no such stream."""

    def __init__(self, read_stream: Callable[[UUID], Sequence[Recorded[Event]]]) -> None:
        self._read_stream = read_stream

    def narrowed(self, staff: str, given: Held) -> Held:
        """What was granted to this staff member and has not ended, no further than `given` goes;
        no roles in `given` narrow nothing."""
        granted = self.of(staff)
        roles = [role for role in granted.roles if not given.roles or role in given.roles]
        return Held(roles, _both(granted.markets, given.markets), _both(granted.teams, given.teams))

    def of(self, staff: str) -> Held:
        facts = [
            cast("StaffEvent", recorded.event)
            for recorded in self._read_stream(staff_stream(staff))
            if is_fact(recorded.header.type)
        ]
        access = reduce(evolve, facts, cast("StaffAccess | None", None))
        if access is None or access.held is None:
            return NOTHING
        held = access.held
        return Held(held.roles, _all_or(held.markets), _all_or(held.teams))


def _all_or(given: Sequence[str] | None) -> frozenset[str] | None:
    return None if given is None else frozenset(given)


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return one if other is None else other
    return one & other
