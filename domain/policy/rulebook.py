"""The rulebook: every published rule, and the calendars they count by, as one value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import cached_property

from domain.circumstances import Circumstances
from domain.event import Frozen
from domain.opening_hours import Calendar
from domain.policy.deadline import DeadlineRule
from domain.policy.tier import TierScheme
from domain.privacy.retention import RetentionPolicy
from domain.terms import Market


class Rulebook(Frozen):
    """`calendars` are the service calendars by market; a market without one is served by the hours
    of `home`. Rules that have lapsed stay in: a late fact may still fall under them."""

    rules: Sequence[DeadlineRule] = ()
    calendars: Mapping[Market, Calendar] = field(default_factory=dict)
    home: Market = "CN"
    tiers: Mapping[str, TierScheme] = field(default_factory=dict)
    retention: RetentionPolicy = RetentionPolicy(name="retention@0", rules=())

    @cached_property
    def versions(self) -> str:
        """The published policy versions, separated by spaces, as a header stores them."""
        return " ".join(sorted({rule.pack.name for rule in self.rules}))

    @cached_property
    def started_by(self) -> Mapping[str, Sequence[DeadlineRule]]:
        """The rules that a fact of this name may start."""
        by_trigger: dict[str, list[DeadlineRule]] = {}
        for rule in self.rules:
            if rule.starts:
                for trigger in rule.triggers:
                    by_trigger.setdefault(trigger, []).append(rule)
        return by_trigger

    def rule(self, policy: str, id: str) -> DeadlineRule | None:
        """A row of any version ever published; None if this installation does not know it."""
        return self._rows.get((policy, id))

    @cached_property
    def _rows(self) -> Mapping[tuple[str, str], DeadlineRule]:
        return {(rule.pack.name, rule.id): rule for rule in self.rules}

    def calendar(self, market: Market | None, kind: str | None = None) -> Calendar:
        """The market's calendar of a kind where it has one, else its service calendar, else that of
        `home`. KeyError if there is none of these."""
        found = None if kind is None else self.calendars.get(f"{market}:{kind}")
        if found is None and market is not None:
            found = self.calendars.get(market)
        return found or self.calendars[self.home]

    def calendar_for(self, case: Circumstances, kind: str | None = None) -> Calendar:
        """By which a case is served. KeyError as `calendar`."""
        return self.calendar(case.market, kind)

    def calendar_named(self, name: str) -> Calendar:
        """A calendar by name@version; KeyError if it was never published here."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> Mapping[str, Calendar]:
        return {calendar.name: calendar for calendar in self.calendars.values()}
