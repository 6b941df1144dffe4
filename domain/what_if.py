"""Rules as they would be with another version of a policy or a calendar, and what becomes of a
case's promises under them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from domain.calendar.calendars import Calendars
from domain.event import Event, Frozen, Recorded
from domain.opening_hours import Calendar
from domain.policy.deadline import DeadlineRule
from domain.policy.rulebook import Rulebook
from domain.replaying import Rules, recorded_timer_events, replayed
from domain.running_timer import Timer, running_timers
from domain.terms import Channel, Market
from domain.timer_events import Move
from domain.timers import settled

REPLACED = "another version is tried in its place"


class Fate(Frozen):
    """What became of a promise, and what would. Due times in UTC; None: it is paused, or not made
    at all."""

    case: UUID
    timer: UUID
    metric: str
    clause: str
    rule: str
    started_at: datetime
    made: bool
    would_be_made: bool
    due_at: datetime | None
    would_be_due_at: datetime | None
    breached: bool
    would_breach: bool

    @property
    def moves(self) -> bool:
        return self.made and self.would_be_made and self.due_at != self.would_be_due_at

    @property
    def is_broken(self) -> bool:
        return self.would_breach and not self.breached

    @property
    def is_saved(self) -> bool:
        return self.breached and not self.would_breach

    @property
    def changes(self) -> bool:
        same = self.made == self.would_be_made and self.breached == self.would_breach
        return self.moves or not same


def under_policy(rules: Rulebook, tried: Sequence[DeadlineRule]) -> Rulebook:
    """As if these rows, all of one policy, had been in force from ever, and no other version of it:
    what others made is still understood."""
    policy = tried[0].pack.id
    others = [
        replace(rule, inactive=REPLACED) if rule.pack.id == policy else rule
        for rule in rules.rules
        if rule.pack.name != tried[0].pack.name
    ]
    rows = [
        replace(rule, pack=replace(rule.pack, active=True), in_force=None, lapsed=None)
        for rule in tried
    ]
    return replace(rules, rules=[*others, *rows])


def under_calendar(rules: Rulebook, tried: Calendar) -> Rulebook:
    """As if every version of this calendar had been this one."""
    if rules.hours is not None:
        return replace(rules, hours=_Instead(rules.hours, tried))
    calendars = {
        market: tried if calendar.id == tried.id else calendar
        for market, calendar in rules.calendars.items()
    }
    return replace(rules, calendars=calendars)


class _Instead(Calendars):
    """Published calendars, with one version in the place of all the others of its id."""

    def __init__(self, hours: Calendars, tried: Calendar) -> None:
        self._hours = hours
        self._tried = tried

    def __iter__(self) -> Iterator[Calendar]:
        yield from (one for one in self._hours if one.id != self._tried.id)
        yield self._tried

    def named(self, name: str) -> Calendar:
        found = name.rpartition("@")[0]
        return self._tried if found == self._tried.id else self._hours.named(name)

    def assigned(
        self,
        market: Market | None,
        channel: Channel | None = None,
        team: str | None = None,
        kind: str | None = None,
        on: date | None = None,
    ) -> Calendar:
        return self.named(self._hours.assigned(market, channel, team, kind, on).name)

    def services(self, on: date | None = None) -> Mapping[str, Calendar]:
        return {
            served: self.named(calendar.name)
            for served, calendar in self._hours.services(on).items()
        }


def fates(
    history: Sequence[Recorded[Event]],
    tried: Rules,
    until: datetime,
    without: frozenset[Move] = frozenset(),
) -> list[Fate]:
    """Of every promise of a stream, those first that it has on record; both as they stand once what
    falls due before `until` is noted. `without`: moves that people made for a reason that is gone.
    Raises CalendarNeverOpens."""
    if not history:
        return []
    case = history[0].header.stream
    before = dict(settled(running_timers(recorded_timer_events(history)), until))
    after = dict(settled(running_timers(replayed(history, tried, without)), until))
    pairs: list[tuple[Timer | None, Timer | None]] = []
    for id in before.keys() & after.keys():
        if before[id].promise.metric == after[id].promise.metric:
            pairs.append((before.pop(id), after.pop(id)))
    for was in _in_order(before):
        pairs.append((was, _same_promise(was, after)))
    pairs += [(None, would_be) for would_be in _in_order(after)]
    found = [_fate(case, was, would_be) for was, would_be in pairs]
    return sorted(found, key=lambda fate: (not fate.made, fate.started_at, fate.rule, fate.timer))


def _in_order(timers: Mapping[UUID, Timer]) -> list[Timer]:
    return sorted(timers.values(), key=lambda timer: (timer.promise.started_at, timer.rule))


def _same_promise(was: Timer, after: dict[UUID, Timer]) -> Timer | None:
    """Another row may make the same promise of the same moment under another name."""
    for timer in _in_order(after):
        same = timer.promise.metric == was.promise.metric
        if same and timer.promise.started_at == was.promise.started_at:
            return after.pop(timer.id)
    return None


def _fate(case: UUID, was: Timer | None, would_be: Timer | None) -> Fate:
    known = was or would_be
    assert known is not None, "a promise is made before or after"
    return Fate(
        case=case,
        timer=known.id,
        metric=known.promise.metric,
        clause=known.promise.clause,
        rule=known.rule,
        started_at=known.promise.started_at,
        made=was is not None,
        would_be_made=would_be is not None,
        due_at=None if was is None else was.due_at,
        would_be_due_at=None if would_be is None else would_be.due_at,
        breached=was is not None and was.breached,
        would_breach=would_be is not None and would_be.breached,
    )
