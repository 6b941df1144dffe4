"""The rulebook: every published rule, and the calendars they count by, as one value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date
from functools import cached_property

from domain.calendar.calendars import Calendars
from domain.circumstances import Circumstances
from domain.event import Frozen
from domain.opening_hours import Calendar
from domain.policy.cadence import CadenceRule
from domain.policy.deadline import DeadlineRule
from domain.policy.tier import DatedScheme, TierScheme
from domain.privacy.retention import RetentionPolicy
from domain.terms import Channel, Market


class Rulebook(Frozen):
    """`calendars` are the service calendars by market; a market without one is served by the hours
    of `home`. `hours`, where there are any on record, go before them: every published version, and
    whom it serves. Rules that have lapsed stay in: a late fact may still fall under them.
    `schemes` are the tier schemes with their days; `tiers` those that hold on any day."""

    rules: Sequence[DeadlineRule] = ()
    cadences: Sequence[CadenceRule] = ()
    calendars: Mapping[Market, Calendar] = field(default_factory=dict)
    home: Market = "CN"
    hours: Calendars | None = None
    tiers: Mapping[str, TierScheme] = field(default_factory=dict)
    schemes: Mapping[str, Sequence[DatedScheme]] = field(default_factory=dict)
    retention: RetentionPolicy = RetentionPolicy(name="retention@0", rules=())

    @cached_property
    def versions(self) -> str:
        """The published policy versions, separated by spaces."""
        return " ".join(sorted({rule.pack.name for rule in self.rules}))

    def versions_on(self, day: date) -> str:
        """Those whose rules may start something on a day, as a header stores them."""
        if day not in self._versions_by_day:
            active = {r.pack.name for r in self.rules if r.pack.active and r.in_force_on(day)}
            self._versions_by_day[day] = " ".join(sorted(active))
        return self._versions_by_day[day]

    @cached_property
    def _versions_by_day(self) -> dict[date, str]:
        return {}

    def tier_scheme(self, id: str, day: date) -> TierScheme | None:
        """The scheme of this id as it is in force on a day; None if it is not."""
        if id not in self.schemes:
            return self.tiers.get(id)
        return next((s.scheme for s in self.schemes[id] if s.in_force_on(day)), None)

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
    def published_names(self) -> frozenset[str]:
        """The versions by name@version."""
        return frozenset(rule.pack.name for rule in self.rules)

    @cached_property
    def _rows(self) -> Mapping[tuple[str, str], DeadlineRule]:
        return {(rule.pack.name, rule.id): rule for rule in self.rules}

    def calendar(self, market: Market | None, kind: str | None = None) -> Calendar:
        """The market's calendar of a kind where it has one, else its service calendar, else that of
        `home`. KeyError if there is none of these."""
        if self.hours is not None:
            return self.hours.assigned(market, kind=kind)
        found = None if kind is None else self.calendars.get(f"{market}:{kind}")
        if found is None and market is not None:
            found = self.calendars.get(market)
        return found or self.calendars[self.home]

    def calendar_for(
        self, case: Circumstances, kind: str | None = None, on: date | None = None
    ) -> Calendar:
        """By which a case is served at an instant, considering its market, channel and team; None:
        in the end. Raises as `calendar`."""
        if self.hours is None:
            return self.calendar(case.market, kind)
        channel = case.known.get("channel")
        return self.hours.assigned(
            case.market,
            None if channel is None else Channel(channel),
            case.known.get("team"),
            kind,
            on,
        )

    def calendar_named(self, name: str) -> Calendar:
        """A calendar by name@version; KeyError if it was never published here."""
        return self._by_name[name] if self.hours is None else self.hours.named(name)

    @cached_property
    def _by_name(self) -> Mapping[str, Calendar]:
        return {calendar.name: calendar for calendar in self.calendars.values()}
