"""A store for one case, thrown away after it: the ordinary door over the record in memory, and a
clock that stands where the case is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import count
from typing import Any, NamedTuple, cast
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from commands.calendar.assign_service_calendar import AssignServiceCalendar
from commands.calendar.draft_calendar import DayOffFields, DraftCalendar, OverrideFields
from commands.calendar.publish_calendar import PublishCalendar
from commands.command import Command
from commands.policy.approve_policy import ApprovePolicy
from commands.policy.draft_policy import DraftPolicy
from commands.policy.publish_policy import PublishPolicy
from commands.policy.review_policy import ReviewPolicy
from commands.timers.note_due import NoteDue
from domain.calendar.content import DAYS, OverrideKind
from domain.event import Event, Header
from domain.policy.rulebook import Rulebook
from domain.publication.events import PublicationEvent
from domain.publication.evolve import folded
from domain.publication.policy import Policy, policy_stream
from domain.running_timer import Timer
from domain.timer_events import TimerEvent
from domain.timers import is_timer_event, running_timers
from infra.calendars.recorded import calendar_on_record, calendars_on_record
from infra.dispatch import Caller, Dispatcher, Result
from infra.publication.rules import RulesOnRecord
from infra.record.memory import MemoryRecord
from infra.vault.kek import InstallationKey
from infra.vault.memory_keyring import MemoryKeyring
from projections.sla_timers import SLA_TIMERS, TimerRow

SOURCE = "the case"
_NAMES = UUID(int=0x51A)


class Store:
    """Rules and calendars are those that have been published in it."""

    def __init__(self, start: datetime) -> None:
        self.now = start
        self.record = MemoryRecord(clock=lambda: self.now)
        self._asked = count(1)
        made = count(1)
        self.dispatcher = Dispatcher(
            self.record,
            MemoryKeyring(self.record.active_keys, self.record.outside),
            InstallationKey(bytes(32)),
            RulesOnRecord(self.record, Rulebook(), self._with_hours),
            clock=lambda: self.now,
            new_id=lambda: uuid5(_NAMES, f"id {next(made)}"),
        )

    def ask(self, command: Command, role: str = "crm_admin", actor: str = "ann") -> Result:
        """Raises Refused."""
        command_id = uuid5(_NAMES, f"command {next(self._asked)}")
        return self.dispatcher.dispatch(command, Caller(actor, role), command_id)

    def publish_policy(self, id: str, rows: Sequence[Mapping[str, Any]]) -> int:
        """Drafted, reviewed, approved and published by four people; the version. One that says
        what the one before says is that one."""
        said = f"The promises of {id}"
        draft = DraftPolicy(policy_id=id, says=said, zh=said, deadline=tuple(map(dict, rows)))
        self.ask(draft, "crm_admin", "drafter")
        known = self._policy(id)
        if known.draft and known.latest and known.draft.rows_hash == known.latest.rows_hash:
            return known.latest.version
        self.ask(ReviewPolicy(policy_id=id), "compliance_officer", "reviewer")
        self.ask(ApprovePolicy(policy_id=id), "department_head", "approver")
        today = self.now.date()
        publish = PublishPolicy(
            policy_id=id, effective_day=today, change_record="As the case says."
        )
        self.ask(publish, "management", "publisher")
        return max(self._policy(id).published)

    def publish_calendar(self, id: str, spec: Mapping[str, Any]) -> int:
        """`spec` as in a case: time zone, weekly windows, holidays, overrides; the version."""
        drafted = DraftCalendar(
            calendar_id=id,
            says=f"The hours of {id}",
            zone=spec["timezone"],
            weekly=tuple(_hours(spec["weekly"].get(day, ())) for day in DAYS),
            holidays=tuple(
                DayOffFields(day=date.fromisoformat(day), name="holiday", source=SOURCE)
                for day in dict.fromkeys(map(str, spec.get("holidays", ())))
            ),
            overrides=tuple(
                OverrideFields(
                    day=date.fromisoformat(str(one["date"])),
                    kind=OverrideKind.SPECIAL_HOURS if one["windows"] else OverrideKind.CLOSED,
                    hours=_hours(one["windows"]),
                    name="override",
                    source=SOURCE,
                )
                for one in spec.get("overrides", ())
            ),
        )
        known = calendar_on_record(self.record, id)
        if known and known.latest and known.latest.drafted.content == drafted.content():
            return known.latest.drafted.version
        self.ask(drafted, "crm_admin", "drafter")
        known = calendar_on_record(self.record, id)
        assert known is not None and known.draft is not None, "it has just been drafted"
        version = known.draft.version
        today = self.now.astimezone(ZoneInfo(spec["timezone"])).date()
        publish = PublishCalendar(calendar_id=id, version=version, from_day=today)
        self.ask(publish, "management", "publisher")
        return version

    def serve(self, market: str, calendar: str, version: int) -> None:
        assign = AssignServiceCalendar(market=market, calendar_id=calendar, version=version)
        self.ask(assign, "management", "publisher")

    def note_what_is_due(self, stream: UUID | None) -> None:
        """What the timekeeper does, at the time the store's clock shows."""
        if stream is not None:
            self.ask(NoteDue(case_id=stream), "system", "system:timekeeper")

    @property
    def rules(self) -> Rulebook:
        """Those that are published by now."""
        return self.dispatcher.rules

    def _with_hours(self, rules: Rulebook) -> Rulebook:
        return replace(rules, hours=calendars_on_record(self.record))

    def _policy(self, id: str) -> Policy:
        events = [one.event for one in self.record.read_stream(policy_stream(id))]
        policy = folded(cast("list[PublicationEvent]", events))
        assert policy is not None, "it has been drafted"
        return policy

    def timers(self, stream: UUID) -> list[Timer]:
        """Those of a case as its events leave them, in the order they began."""
        return list(running_timers(self.told(stream)).values())

    def told(self, stream: UUID) -> Sequence[TimerEvent]:
        """The timer events of a case."""
        found = self.record.read_stream(stream)
        return [cast("TimerEvent", one.event) for one in found if is_timer_event(one.header.type)]

    def rows(self, stream: UUID) -> Mapping[UUID, TimerRow]:
        """The same as the projection `sla_timers` folds them."""
        rows: dict[UUID, TimerRow] = {}
        for one in self.record.read_stream(stream):
            if is_timer_event(one.header.type):
                SLA_TIMERS.fold(cast("Any", rows), cast("Any", _Entry(one.header, one.event)))
        return rows


class _Entry(NamedTuple):
    """An event as a projection is handed it."""

    header: Header
    event: Event

    @property
    def origin(self) -> Header:
        return self.header


def _hours(windows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return tuple(f"{opens}-{closes}" for opens, closes in windows)
