"""A row of a policy as a rule. Rows are what TOML files, drafts and events of policies hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from domain.policy.deadline import (
    DeadlineRule,
    Escalation,
    Notice,
    OnChange,
    OnReopen,
    Pack,
    Received,
    Retarget,
)
from domain.policy.target import Target, read_target
from domain.terms import Channel, Complexity, Severity, Tier, WaitingFor

_CLOSED: Mapping[str, type[StrEnum]] = {
    "channel": Channel,
    "tier": Tier,
    "complexity": Complexity,
    "severity": Severity,
}
_OPEN = {"market", "priority", "impact", "urgency", "category", "team", "complaint_kind"}
CONDITIONS = frozenset(_CLOSED.keys() | _OPEN)
_CHANGES = frozenset({"tier", "priority", "team", "category", "market"})


def read_pack(document: Mapping[str, Any]) -> tuple[DeadlineRule, ...]:
    """The deadline rules of a parsed pack.

    KeyError, TypeError or ValueError, naming the row, if it is not well-formed, or two rules have
    one id.
    """
    pack = Pack(**document["pack"])
    rules = tuple(read_rule(row, pack) for row in document.get("deadline", ()))
    ids = [rule.id for rule in rules]
    if twice := sorted({id for id in ids if ids.count(id) > 1}):
        raise ValueError(f"pack {pack.name}: two rules are called {twice[0]}")
    return rules


def read_rule(row: Mapping[str, Any], pack: Pack) -> DeadlineRule:
    """ValueError, TypeError or KeyError, with a note of the row's id, if it is not well-formed."""
    try:
        return _rule(dict(row), pack)
    except (KeyError, TypeError, ValueError) as fault:
        fault.add_note(f"row {row.get('id')} of {pack.name}")
        raise


def _rule(row: dict[str, Any], pack: Pack) -> DeadlineRule:
    when = dict(row.pop("when", {}))
    hours, first, after = when.pop("hours", None), when.pop("first", False), when.pop("after", ())
    if strange := sorted(when.keys() - CONDITIONS):
        raise ValueError(f"no rule can depend on {strange[0]}")
    changes = row.pop("on_change", {})
    if strange := sorted(changes.keys() - _CHANGES):
        raise ValueError(f"no rule can follow a change of {strange[0]}")
    contains = row.pop("contains", {})
    if not all(value is True for value in contains.values()):
        raise ValueError("a fulfilling fact can only be asked for what it says yes to")
    return DeadlineRule(
        pack=pack,
        triggers=frozenset(_names(row.pop("trigger"))),
        fulfilled_by=_names(row.pop("fulfilled_by")),
        target=_target(row.pop("target")),
        when={name: _values(name, values) for name, values in when.items()},
        hours=None if hours is None else Received(hours),
        first=first,
        after=frozenset(_names(after)),
        contains=frozenset(contains),
        until=frozenset(_names(row.pop("until", ()))),
        pause_on=frozenset(WaitingFor(w) for w in row.pop("pause_on", [WaitingFor.CUSTOMER])),
        warn=_warnings(row.pop("warn", {})),
        escalate=tuple(Escalation(**step) for step in row.pop("escalate", ())),
        on_reopen=OnReopen(row.pop("on_reopen", OnReopen.KEEP)),
        ends_on_merge=_one_of(row.pop("on_merge", "cancel"), cancel=True, keep=False),
        on_change={name: OnChange(what) for name, what in changes.items()},
        retarget=_retarget(row.pop("retarget", {})),
        notify_in_hours=_one_of(row.pop("notify", "at_once"), business_hours=True, at_once=False),
        **row,
    )


def _values(name: str, values: Sequence[str]) -> frozenset[str]:
    """ValueError for a value of a closed list that is not in it."""
    known = _CLOSED.get(name, str)
    return frozenset(known(value) if value else "" for value in values)


def _target(row: Mapping[str, Any]) -> Target | None:
    return read_target(row) if row else None


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _one_of(given: str, **known: bool) -> bool:
    if given not in known:
        raise ValueError(f"{given}: it can be {' or '.join(known)}")
    return known[given]


def _warnings(row: Mapping[str, Any]) -> tuple[Notice, ...]:
    if strange := sorted(row.keys() - {"percent", "before_minutes"}):
        raise ValueError(f"no warning is given by {strange[0]}")
    before = row.get("before_minutes", [])
    return (
        *(Notice(percent=percent) for percent in row.get("percent", ())),
        *(Notice(before_minutes=m) for m in ([before] if isinstance(before, int) else before)),
    )


def _retarget(row: Mapping[str, Any]) -> Retarget:
    if strange := sorted(row.keys() - {"from", "floor", "grace_minutes"}):
        raise ValueError(f"nothing is retargeted by {strange[0]}")
    return Retarget(
        from_change=_one_of(row.get("from", "start"), start=False, change=True),
        floor=_one_of(row.get("floor", "none"), none=False, now=True),
        grace_minutes=row.get("grace_minutes", 0),
    )
