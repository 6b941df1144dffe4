"""A row of a policy: what it may be, as far as one row alone can tell.

A row is kept as TOML has it. It is read by the same functions that read the shipped files, so a row
that passes here can be read for ever; what they call wrong is told by the field it stands in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from domain.catalogue import EVENTS
from domain.event import Frozen
from domain.policy.cadence import CadenceRule, read_cadence
from domain.policy.deadline import DeadlineRule, Pack
from domain.policy.foreseen import FORESEEN
from domain.policy.overlap import Claim
from domain.policy.reading import read_rule
from domain.policy.tier import TierScheme, read_schemes
from domain.publication import refusals
from domain.publication.events import RowKind
from domain.staff.roles import ROLES
from domain.terms import Channel, Complexity, Severity, Tier

KNOWN_EVENTS = frozenset(event.__name__ for event in EVENTS)
ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
CODE = re.compile(r"[a-z][a-z0-9_]{0,79}")
DAYS = ("in_force", "lapsed")
MALFORMED = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError)
"""What reading raises for a row of another shape; anything else is a fault."""
VALUES: Mapping[str, frozenset[str]] = {
    "tier": frozenset(Tier),
    "channel": frozenset(Channel),
    "complexity": frozenset(Complexity),
    "severity": frozenset(Severity),
}
"""Conditions whose values are a closed list."""

_NOBODY = Pack(id="draft", version=0, says="", zh="")
_DEADLINE: Mapping[str, Any] = {
    "id": "id",
    "clause": "CB-1",
    "says": "",
    "zh": "",
    "metric": "first_response",
    "trigger": "InquiryReceived",
    "fulfilled_by": "FirstResponseSent",
    "target": {"working_minutes": 1},
}
_CADENCE: Mapping[str, Any] = {
    "id": "id",
    "clause": "CB-1",
    "says": "",
    "zh": "",
    "duty": "data_check",
    "every": {"months": 1},
    "role": "crm_admin",
}
_SCHEME: Mapping[str, Any] = {
    "id": "id",
    "version": 1,
    "clause": "CB-9.1c",
    "says": "",
    "zone": "UTC",
    "currency": "GBP",
    "window_days": 365,
    "indicators": [],
    "row": [{"tier": "potential", "clause": "CB-9.1a", "says": "", "at_least": {}}],
}
_TEXTS = (
    "clause",
    "says",
    "zh",
    "metric",
    "reading",
    "inactive",
    "extended_by",
    "calendar",
    "duty",
)
_FLAGS = ("proposal", "rolling")


class Row(Frozen):
    kind: RowKind
    row: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.row["id"])


def row_of(policy: str, kind: RowKind, table: Mapping[str, Any]) -> Row:
    """A table of a file or a request as a row. Raises RowMalformed for one without a proper id."""
    id = table.get("id")
    if not (isinstance(id, str) and ID.fullmatch(id)):
        raise refusals.RowMalformed(policy=policy, row=str(id)[:80], field="id")
    return Row(kind=kind, row=table)


def rows_hash(rows: Iterable[Row]) -> str:
    """SHA-256, in hex, of `canonical_rows`."""
    return sha256(canonical_rows(rows).encode()).hexdigest()


def canonical_rows(rows: Iterable[Row]) -> str:
    """The rows sorted by id, as canonical JSON (RFC 8785)."""
    ordered = [row.row for row in sorted(rows, key=lambda row: row.id)]
    return json.dumps(ordered, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def deadline(row: Mapping[str, Any], pack: Pack = _NOBODY) -> DeadlineRule:
    """The rule of a deadline row as it is kept. Raises what MALFORMED names."""
    days = {name: date.fromisoformat(row[name]) for name in DAYS if name in row}
    return read_rule({**row, **days}, pack)


def cadence(row: Mapping[str, Any], pack: Pack = _NOBODY) -> CadenceRule:
    """The rule of a cadence row as it is kept. Raises what MALFORMED names."""
    days = {name: date.fromisoformat(row[name]) for name in DAYS if name in row}
    return read_cadence({**row, **days}, pack)


def scheme(row: Mapping[str, Any]) -> TierScheme:
    """The tier scheme of a row. Raises what MALFORMED names."""
    (read,) = read_schemes({"scheme": [row]}).values()
    return read


def check(policy: str, row: Row) -> None:
    """Refuses a row that cannot be a rule, naming the row and what is wrong with it."""
    _CHECKS[row.kind](policy, row)


def is_vague(row: Row) -> bool:
    """Whether its limit has no number yet."""
    match row.kind:
        case RowKind.DEADLINE:
            return not row.row["target"]
        case RowKind.CADENCE:
            return not row.row["every"]
        case RowKind.TIER_SCHEME:
            return False


def claim(row: Row) -> Claim | None:
    """What it promises and where; None for a row that promises nothing, or cannot run yet."""
    if row.kind is not RowKind.DEADLINE:
        return None
    rule = deadline(row.row)
    if rule.inactive is not None:
        return None
    only = dict(rule.when)
    if rule.hours is not None:
        only["hours"] = frozenset({str(rule.hours)})
    if rule.first:
        only["first"] = frozenset({"yes"})
    return Claim(
        row=rule.id,
        promises=rule.metric,
        facts=rule.triggers,
        only=only,
        after=rule.after or None,
        in_force=rule.in_force,
        lapsed=rule.lapsed,
    )


def _check_deadline(policy: str, row: Row) -> None:
    given = row.row
    _check_conditions(policy, row, given.get("when", {}))
    _must_read(policy, row, _DEADLINE, deadline)
    _check_words(policy, row)
    rule = deadline(given)
    for event in sorted(_events_of(rule)):
        if event not in KNOWN_EVENTS and not (rule.inactive is not None and event in FORESEEN):
            raise refusals.RowEventUnknown(policy=policy, row=row.id, event=event)
    for step in rule.escalate:
        _check_role(policy, row, step.to)


def _check_conditions(policy: str, row: Row, when: Any) -> None:
    for name, allowed in when.items() if isinstance(when, Mapping) else ():
        if name in ("hours", "first", "after"):
            continue
        if not (isinstance(allowed, list | tuple) and all(isinstance(a, str) for a in allowed)):
            raise refusals.RowMalformed(policy=policy, row=row.id, field=f"when.{name}")
        for value in allowed if name in VALUES else ():
            if value not in VALUES[name]:
                raise refusals.ConditionUnknown(policy=policy, row=row.id, field=name, value=value)


def _check_scheme(policy: str, row: Row) -> None:
    zone = row.row.get("zone", "UTC")
    if not (isinstance(zone, str) and is_zone(zone)):
        raise refusals.RowZoneUnknown(policy=policy, row=row.id, zone=str(zone))
    _must_read(policy, row, _SCHEME, scheme)
    read = scheme(row.row)
    least = [amount for tier in read.rows for amount in tier.at_least.values()]
    if read.window_days <= 0 or any(amount < 0 for amount in least):
        raise refusals.LimitNotPositive(policy=policy, row=row.id)


def _check_cadence(policy: str, row: Row) -> None:
    if any(amount <= 0 for amount in _numbers(row.row.get("every"))):
        raise refusals.LimitNotPositive(policy=policy, row=row.id)
    _must_read(policy, row, _CADENCE, cadence)
    _check_words(policy, row)
    if not CODE.fullmatch(row.row["duty"]):
        raise refusals.RowMalformed(policy=policy, row=row.id, field="duty")
    _check_role(policy, row, row.row["role"])


def _check_role(policy: str, row: Row, role: object) -> None:
    if not (isinstance(role, str) and role in ROLES):
        raise refusals.RowRoleUnknown(policy=policy, row=row.id, role=str(role)[:80])


def _check_words(policy: str, row: Row) -> None:
    for name in _TEXTS:
        if name in row.row and not isinstance(row.row[name], str):
            raise refusals.RowMalformed(policy=policy, row=row.id, field=name)
    for name in _FLAGS:
        if not isinstance(row.row.get(name, False), bool):
            raise refusals.RowMalformed(policy=policy, row=row.id, field=name)


_CHECKS: Mapping[RowKind, Callable[[str, Row], None]] = {
    RowKind.DEADLINE: _check_deadline,
    RowKind.CADENCE: _check_cadence,
    RowKind.TIER_SCHEME: _check_scheme,
}


def is_zone(name: str) -> bool:
    """Whether the IANA database has a time zone of this name."""
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return False
    return True


def _must_read(
    policy: str, row: Row, sound: Mapping[str, Any], read: Callable[[Mapping[str, Any]], object]
) -> None:
    """Raises LimitNotPositive, or RowMalformed with the field: the first without which, or with a
    sound one in its place, the fields before it make a row."""
    if any(amount <= 0 for amount in _numbers(row.row.get("target"))):
        raise refusals.LimitNotPositive(policy=policy, row=row.id)
    for name in sound:
        if name not in row.row:
            raise refusals.RowMalformed(policy=policy, row=row.id, field=name)
    tried = dict(sound)
    for name, value in row.row.items():
        tried[name] = value
        try:
            read(tried)
        except MALFORMED:
            raise refusals.RowMalformed(policy=policy, row=row.id, field=name) from None


def _numbers(table: Any) -> Iterator[int]:
    """The whole numbers of a table; a truth value is none."""
    for value in table.values() if isinstance(table, Mapping) else ():
        if isinstance(value, int) and not isinstance(value, bool):
            yield value


def _events_of(rule: DeadlineRule) -> Iterator[str]:
    yield from rule.triggers
    yield from rule.fulfilled_by
    yield from rule.until
    yield from rule.after
    if rule.extended_by is not None:
        yield rule.extended_by
