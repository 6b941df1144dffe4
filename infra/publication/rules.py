"""The rulebook as the record has it. The record is the truth: no file is read here.

Every decision asks for it with the number that grows whenever something it rests on is recorded
(`es.rules_changed`); it is read again when that number has grown, whichever process recorded it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from threading import Lock
from typing import Any, Protocol, cast

from domain.event import Recorded
from domain.policy.rulebook import Rulebook
from domain.publication.events import PublicationEvent
from domain.publication.evolve import folded
from domain.publication.in_force import published
from domain.publication.policy import Policy

POLICY = "policy"


class Rules(Protocol):
    def at(self, changes: int) -> Rulebook:
        """The rules as of a number that `rules_changed` has given."""

    def current(self) -> Rulebook:
        """The rules as they are now."""


class RuleStreams(Protocol):
    def rules_changed(self) -> int: ...

    def read_kind(self, kind: str) -> Sequence[Recorded[Any]]: ...


class Unchanging:
    """Rules that nothing on record changes."""

    def __init__(self, rules: Rulebook) -> None:
        self._rules = rules

    def at(self, changes: int) -> Rulebook:
        return self._rules

    def current(self) -> Rulebook:
        return self._rules


class RulesOnRecord:
    """The published policies, and what `besides` adds to them: the calendars. `rest` holds what is
    no policy on record."""

    def __init__(
        self,
        record: RuleStreams,
        rest: Rulebook,
        besides: Callable[[Rulebook], Rulebook] = lambda rules: rules,
    ) -> None:
        self._record = record
        self._rest = rest
        self._besides = besides
        self._lock = Lock()
        self._read: tuple[int, Rulebook] | None = None

    def at(self, changes: int) -> Rulebook:
        read = self._read
        if read is not None and changes <= read[0]:
            return read[1]
        with self._lock:
            if self._read is None or self._read[0] < changes:
                # Read after the number was: what has come since is in it, too.
                self._read = changes, self._besides(with_policies(self._rest, self._record))
            return self._read[1]

    def current(self) -> Rulebook:
        return self.at(self._record.rules_changed())


def with_policies(rest: Rulebook, record: RuleStreams) -> Rulebook:
    """The rules of every version ever published, each with its days, and `rest` besides."""
    found = published(policies_on_record(record.read_kind(POLICY)))
    return replace(
        rest, rules=found.rules, cadences=found.cadences, schemes=found.schemes, tiers={}
    )


def policies_on_record(recorded: Iterable[Recorded[Any]]) -> list[Policy]:
    """Policies from their events, which come stream by stream."""
    streams = groupby(recorded, key=lambda one: one.header.stream)
    histories = ([cast("PublicationEvent", one.event) for one in events] for _, events in streams)
    return [policy for events in histories if (policy := folded(events)) is not None]
