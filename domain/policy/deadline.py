"""A deadline rule: by when what has to follow on what. Which there are: the packs' `.toml` files.

A row says what is promised; how rows are read stands in `reading.py`, what targets mean in
`target.py`. A rule is chosen by the day its trigger happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date
from enum import StrEnum

from domain.circumstances import Circumstances
from domain.event import Event, Frozen, Precision
from domain.opening_hours import Calendar
from domain.policy.target import ByTimeOfDay, Minutes, Target, WorkingMinutes
from domain.terms import WaitingFor
from domain.working_time import inside_day_span


class Received(StrEnum):
    """Whether the trigger fell into the day's span; a lunch gap is inside (CB-10.1b)."""

    INSIDE = "inside"
    OUTSIDE = "outside"


class OnReopen(StrEnum):
    """What a promise that was fulfilled does when its case is opened again."""

    KEEP = "keep"
    RESUME = "resume"
    RESTART = "restart"


class OnChange(StrEnum):
    """What a running promise does when what it was chosen by changes."""

    KEEP = "keep"
    RETARGET = "retarget"


class Retarget(Frozen):
    """How another target is counted: from the start, or from the change on. With `floor`, a due
    time that would have passed is now, and `grace_minutes` later."""

    from_change: bool = False
    floor: bool = False
    grace_minutes: int = 0


class Notice(Frozen):
    """A warning before the due time, on the promise's own clock: so many minutes before, or when so
    much of the time is gone. Exactly one is given."""

    before_minutes: int | None = None
    percent: int | None = None

    @property
    def name(self) -> str:
        return f"{self.percent}%" if self.percent is not None else f"{self.before_minutes}m before"


class Escalation(Frozen):
    """`to` is the role called in so many minutes of the promise's own clock after the due time."""

    after_minutes: int
    to: str


class Pack(Frozen):
    """A published version of a regulation's rules. Nobody in `approved_by`: shipped, not yet
    approved by a person. `active` False: its rules start nothing by themselves."""

    id: str
    version: int
    says: str
    zh: str
    approved_by: Sequence[str] = ()
    active: bool = True

    @property
    def name(self) -> str:
        """What events name as their policy."""
        return f"{self.id}@{self.version}"


class DeadlineRule(Frozen):
    """One promise. `triggers`, `fulfilled_by`, `until` and `extended_by` are names of facts.

    `when`: what must be known of the case, by name, and the values that will do. `first`: only the
    first such fact of its stream. `after`: only once one of these has happened. `contains`: what
    the fulfilling fact must say yes to. `rolling`: its fulfilment starts the next cycle, `until`
    one of these happens.

    `reading` is what was decided where the clause is silent, `proposal` whether the number itself
    is ours, `inactive` why the rule cannot run yet. `target` None: no number yet, as in a draft.
    `calendar`: the kind of calendar it counts by, where the market has one; None: that of its
    service. `in_force` None: from ever (only a first publication); `lapsed` is the first day
    without it.
    """

    id: str
    pack: Pack
    clause: str
    says: str
    zh: str
    metric: str
    triggers: frozenset[str]
    fulfilled_by: tuple[str, ...]
    target: Target | None
    when: Mapping[str, frozenset[str]] = field(default_factory=dict)
    hours: Received | None = None
    first: bool = False
    after: frozenset[str] = frozenset()
    contains: frozenset[str] = frozenset()
    extended_by: str | None = None
    rolling: bool = False
    until: frozenset[str] = frozenset()
    pause_on: frozenset[str] = frozenset({WaitingFor.CUSTOMER})
    warn: tuple[Notice, ...] = ()
    escalate: tuple[Escalation, ...] = ()
    on_reopen: OnReopen = OnReopen.KEEP
    ends_on_merge: bool = True
    on_change: Mapping[str, OnChange] = field(default_factory=dict)
    retarget: Retarget = Retarget()
    notify_in_hours: bool = False
    calendar: str | None = None
    reading: str | None = None
    proposal: bool = False
    inactive: str | None = None
    in_force: date | None = None
    lapsed: date | None = None

    @property
    def starts(self) -> bool:
        """Whether it can start a timer at all."""
        return self.pack.active and self.inactive is None and self.target is not None

    def binds(self, trigger: Event, calendar: Calendar, case: Circumstances) -> bool:
        """`case` is as known before the trigger. What is known by the day starts no minutes."""
        timed = isinstance(self.target, WorkingMinutes | Minutes | ByTimeOfDay)
        if timed and trigger.at_precision is Precision.DAY:
            return False
        if self.first and type(trigger).__name__ in case.seen:
            return False
        if self.after and not self.after & case.seen:
            return False
        return (
            self.in_force_on(trigger.at.astimezone(calendar.tz).date())
            and self.suits(case.after(trigger))
            and self.hours in (None, received(calendar, trigger))
        )

    def suits(self, case: Circumstances) -> bool:
        """Whether what is known of the case is what `when` asks for; "" asks for nothing known."""
        return all(case.known.get(name, "") in allowed for name, allowed in self.when.items())

    def in_force_on(self, day: date) -> bool:
        return (self.in_force or date.min) <= day < (self.lapsed or date.max)

    def is_fulfilled_by(self, fact: Event) -> bool:
        return type(fact).__name__ in self.fulfilled_by and all(
            getattr(fact, name, False) is True for name in self.contains
        )


def received(calendar: Calendar, trigger: Event) -> Received:
    inside = inside_day_span(calendar, trigger.at)
    return Received.INSIDE if inside else Received.OUTSIDE
