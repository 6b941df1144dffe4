"""Policies in the tables of a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from domain.publication.events import RowKind
from domain.publication.in_force import spans
from domain.publication.policy import Policy, Version
from domain.publication.rows import Row

COLUMNS = (
    *("policy", "standing", "from", "until", "rows"),
    *("drafted by", "reviewed by", "approved by", "hash"),
)
ROW_COLUMNS = ("row", "clause", "kind", "promises", "on", "limit", "notes")
DIFF_COLUMNS = ("row", "change", "field", "before", "after")
LIMITS = {RowKind.DEADLINE: "target", RowKind.CADENCE: "every", RowKind.TIER_SCHEME: "window_days"}
SHIPPED = "shipped, not yet approved by a person"


def listed(policy: Policy, today: date) -> Iterator[Sequence[Any]]:
    for version, starts, ends in spans(policy):
        yield _line(policy, version, _standing(version, starts, ends, today), starts, ends)
    if policy.draft is not None:
        yield _line(policy, policy.draft, _drafted(policy.draft), None, None)


def about(policy: Policy, version: Version) -> Iterator[Sequence[Any]]:
    """What is to be known of a version besides its rows."""
    yield "says", version.head.says
    yield "zh", version.head.zh
    yield "rank", version.head.rank
    if not version.head.active:
        yield "active", "no: its rules start nothing by themselves"
    published = version.published
    if published is None:
        yield "standing", _drafted(version)
    else:
        yield "standing", SHIPPED if version.may_be_adopted else "published"
        yield "published", f"{published.published_on} by {published.published_by}"
        yield "effective", published.effective_day or "from ever"
        yield "replaces", published.replaces
        yield "change record", published.change_record
    yield "drafted by", ", ".join(sorted(version.drafted_by))
    yield "reviewed by", version.reviewed_by
    yield "approved by", version.approved_by
    yield "hash", version.rows_hash


def row_told(row: Row) -> Sequence[Any]:
    table = row.row
    notes = [word for word in ("proposal", "inactive", "in_force", "lapsed") if table.get(word)]
    promises = table.get("metric") or table.get("duty") or table.get("zone")
    when = table.get("trigger") or table.get("per") or ""
    return (
        row.id,
        table["clause"],
        row.kind,
        promises,
        when if isinstance(when, str) else ", ".join(when),
        _told(table.get(LIMITS[row.kind])) or "no number yet",
        ", ".join(notes),
    )


def differences(old: Mapping[str, Row], new: Mapping[str, Row]) -> Iterator[Sequence[Any]]:
    for id in sorted({*old, *new}):
        if id not in old:
            yield id, "added", "", "", _told(new[id].row.get(LIMITS[new[id].kind]))
        elif id not in new:
            yield id, "dropped", "", _told(old[id].row.get(LIMITS[old[id].kind])), ""
        else:
            before, after = old[id].row, new[id].row
            for name in sorted({*before, *after}):
                if before.get(name) != after.get(name):
                    yield id, "changed", name, _told(before.get(name)), _told(after.get(name))


def _line(
    policy: Policy, version: Version, standing: str, starts: date | None, ends: date | None
) -> Sequence[Any]:
    from_ever = version.published is not None and starts is None
    return (
        f"{policy.policy}@{version.version}",
        standing if version.head.active else f"{standing}; inactive",
        "from ever" if from_ever else starts,
        ends,
        len(version.rows),
        ", ".join(sorted(version.drafted_by)),
        version.reviewed_by,
        version.approved_by,
        version.rows_hash[:12],
    )


def _standing(version: Version, starts: date | None, ends: date | None, today: date) -> str:
    if ends is not None and ends <= max(today, starts or today):
        return "never in force" if starts is not None and ends <= starts else "ended"
    if version.may_be_adopted:
        return SHIPPED
    return "in force" if starts is None or starts <= today else "published"


def _drafted(draft: Version) -> str:
    if draft.approved_by is not None:
        return "approved draft"
    return "draft" if draft.reviewed_by is None else "reviewed draft"


def _told(value: Any) -> str:
    """Tables on one line, as JSON without its quotes where a name needs none."""
    if value is None or value == {}:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_told(held)}" for name, held in value.items())
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
