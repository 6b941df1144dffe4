"""The rules as they were when something was recorded: what had been published by its position."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from domain.event import Recorded
from domain.opening_hours import Calendar
from domain.policy.rulebook import Rulebook
from infra.calendars.recorded import Streams, calendars_on_record
from infra.publication.rules import RuleStreams, with_policies

KINDS = ("policy", "calendar", "service_calendars")


class Rules(RuleStreams, Streams, Protocol):
    """A record as rules and calendars are read from it."""


class RulesAsOf:
    """`now` are the rules as they are published now; what is no policy and no calendar on record is
    taken from them. What is recorded after this is made is not seen."""

    def __init__(self, record: Rules, now: Rulebook) -> None:
        self._record = record
        self._rest = replace(now, hours=None)
        self._kinds = {kind: record.read_kind(kind) for kind in KINDS}
        self._changes = sorted(
            one.header.position for events in self._kinds.values() for one in events
        )
        self._known: dict[int, Rulebook] = {}
        self._made: dict[str, Calendar] = {}

    def at(self, position: int) -> Rulebook:
        """Those that what stands at a position was decided under."""
        changes = bisect_left(self._changes, position)
        if changes not in self._known:
            self._known[changes] = self._read(position)
        return self._known[changes]

    def _read(self, position: int) -> Rulebook:
        rules = with_policies(self._rest, _Until(self._kinds, position))
        if not _Until(self._kinds, position).read_kind("service_calendars"):
            return rules
        calendars = calendars_on_record(self._record, position - 1, made=self._made)
        self._made |= {calendar.name: calendar for calendar in calendars}
        return replace(rules, hours=calendars)


class _Until:
    """The streams of rules as they stood before a position."""

    def __init__(self, kinds: dict[str, Sequence[Recorded[Any]]], position: int) -> None:
        self._kinds = kinds
        self._position = position

    def rules_changed(self) -> int:
        return sum(len(self.read_kind(kind)) for kind in self._kinds)

    def read_kind(self, kind: str) -> Sequence[Recorded[Any]]:
        return [one for one in self._kinds[kind] if one.header.position < self._position]
