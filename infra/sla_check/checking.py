"""A file of cases, each told to a store of its own and compared with what it expects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from domain.opening_hours import CalendarNeverOpens
from domain.refusal import Refused
from infra.sla_check.answers import AGREED, from_events, from_row, not_started
from infra.sla_check.promised import rows
from infra.sla_check.store import Store
from infra.sla_check.told import CALENDAR, HOME, POLICY, Case, UnknownEvent

EARLIER = timedelta(days=3)
"""How long before a case its policy and calendar are published."""
TIMES = frozenset({"due_at", "breached_at", "fulfilled_at", "warn_at", "notify_at"})


class Difference(NamedTuple):
    case: str
    field: str
    expected: str
    got: str


class Malformed(Exception):
    """The file is no list of cases; says where and why."""


def read(path: Path) -> list[dict[str, Any]]:
    """Raises Malformed, OSError."""
    try:
        cases = yaml.safe_load(path.read_text("utf-8"))
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 1
        raise Malformed(f"line {line} is no YAML") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise Malformed("it is no YAML in UTF-8") from None
    if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
        raise Malformed("a list of cases is expected")
    for number, case in enumerate(cases, 1):
        if missing := {"id", "calendar", "policy", "events", "expect"} - case.keys():
            raise Malformed(f"case {number} has no {min(missing)}")
    return cases


def check(case: Mapping[str, Any]) -> list[Difference]:
    """Nothing if all that the case expects came about, in events and in rows alike."""
    try:
        got, row = answer(case)
    except CalendarNeverOpens:
        got, row = {"status": "error", "error": "calendar_never_opens", "due_at": None}, None
    except (Refused, UnknownEvent, KeyError, ValueError, TypeError) as refusal:
        text = f"{type(refusal).__name__}: {_one_line(refusal)}"
        return [Difference(str(case["id"]), "commands", "accepted", text)]
    return [*_differences(case, got), *_disagreements(case, got, row)]


def answer(case: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """What the promise came to by the case's `as_of`, from events and from its row."""
    told = sorted(
        (_at(event.get("recorded_at", event["at"])), number, event)
        for number, event in enumerate(case["events"])
    )
    last = max(_at(event["at"]) for event in case["events"])
    as_of = _at(case["as_of"]) if case.get("as_of") else last
    store = Store(min(at for at, _, _ in told) - EARLIER)
    store.serve(HOME, CALENDAR, store.publish_calendar(CALENDAR, case["calendar"]))
    store.publish_policy(POLICY, rows(case))
    subject = Case(store, case)
    for recorded_at, _, event in told:
        if _at(event["at"]) > as_of:
            break
        store.now = max(recorded_at, store.now)
        store.note_what_is_due(subject.stream)
        subject.tell(event, _at(event["at"]))
    store.now = max(as_of, store.now)
    store.note_what_is_due(subject.stream)
    if subject.stream is None:
        return not_started(), None
    metric = case["policy"]["metric"]
    timers = [t for t in store.timers(subject.stream) if t.promise.metric == metric]
    got = from_events(
        timers,
        store.told(subject.stream),
        store.rules,
        as_of,
        in_hours=case["policy"].get("notify") == "business_hours",
    )
    if not timers:
        return got, None
    row = store.rows(subject.stream)[timers[-1].id]
    return got, from_row(row, store.rules, as_of)


def _differences(case: Mapping[str, Any], got: Mapping[str, Any]) -> Iterator[Difference]:
    for field, wanted in case["expect"].items():
        have = got.get(field)
        if field in TIMES:
            same = (None if wanted is None else _at(wanted)) == have
        elif field == "milestones":
            same = {int(k): _at(v) for k, v in wanted.items()}.items() <= (have or {}).items()
        elif field == "cycles":
            same = [
                {name: one[name] for name in want if name in one}
                for one, want in zip(have or [], wanted, strict=False)
            ] == wanted
        else:
            same = have == wanted
        if not same:
            yield Difference(str(case["id"]), field, _shown(wanted), _shown(have))


def _disagreements(
    case: Mapping[str, Any], got: Mapping[str, Any], row: Mapping[str, Any] | None
) -> Iterator[Difference]:
    if row is not None:
        for field in AGREED:
            if got.get(field) != row.get(field):
                told, held = _shown(got.get(field)), _shown(row.get(field))
                yield Difference(str(case["id"]), f"{field} in sla_timers", told, held)


def _at(text: Any) -> datetime:
    at = text if isinstance(text, datetime) else datetime.fromisoformat(str(text))
    if at.tzinfo is None:
        raise ValueError(f"a time without an offset: {text}")
    return at.astimezone(UTC)


def _shown(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _one_line(fault: object) -> str:
    return " ".join(str(fault).split())[:300]
