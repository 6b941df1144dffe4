"""What has to be kept although its erasure is asked for: a decision table over dated rows.

Rows are law and company rules by jurisdiction (`domain/policy/retention.toml`); none is approved by
counsel yet, and each says so. Nothing is kept silently: every category asked for gets a ruling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.event import Frozen
from domain.personal import Category
from domain.privacy.events import Disposition, RequestType, Ruling
from domain.privacy.refusals import RetentionBelowFloor, RetentionClassUnknown


class Because(StrEnum):
    """What makes data worth keeping."""

    ORDER = "order"
    OPEN_CASE = "open_case"


class RetentionRule(Frozen):
    """`years` after the last order; None with an open case: until it is closed. `jurisdictions`
    None: everywhere no other row of the kind names."""

    id: str
    says: str
    zh: str
    because: Because
    categories: frozenset[Category]
    jurisdictions: frozenset[str] | None = None
    years: int | None = None
    proposal: bool = True


class Floor(Frozen):
    """What a class of copies is kept at least, whatever a policy says, and the clause behind it."""

    of: str
    days: int
    clause: str


class RetentionPolicy(Frozen):
    """`periods`: for how many days each class of copies is kept."""

    name: str
    rules: tuple[RetentionRule, ...]
    periods: Mapping[str, int] = field(default_factory=dict)
    floors: tuple[Floor, ...] = ()

    def with_period(self, of: str, days: int) -> RetentionPolicy:
        """Raises RetentionBelowFloor, RetentionClassUnknown."""
        floor = next((floor for floor in self.floors if floor.of == of), None)
        if floor is None:
            raise RetentionClassUnknown(retention_class=of)
        if days < floor.days:
            raise RetentionBelowFloor(retention_class=of, days=days, floor=floor.days)
        return replace(self, periods={**self.periods, of: days})


class Hold(Frozen):
    id: UUID
    categories: frozenset[Category]
    basis: str
    owner: str
    review_on: date


class Circumstances(Frozen):
    """What is known of the customer when it is decided. `jurisdiction` may have a part
    ("US-CA"); its country counts where no row names the part."""

    jurisdiction: str | None
    last_order_on: date | None
    open_cases: int
    today: date


def rulings(
    policy: RetentionPolicy,
    asked: RequestType,
    categories: Sequence[Category],
    holds: Sequence[Hold],
    known: Circumstances,
) -> tuple[Ruling, ...]:
    """One per category, in the order asked. A hold outlasts a rule; the longest rule counts."""
    return tuple(_ruling(policy, asked, category, holds, known) for category in categories)


def _ruling(
    policy: RetentionPolicy,
    asked: RequestType,
    category: Category,
    holds: Sequence[Hold],
    known: Circumstances,
) -> Ruling:
    if asked is RequestType.STOP_USE:
        return Ruling(category=category, disposition=Disposition.RESTRICT, basis="request")
    held = [hold for hold in holds if category in hold.categories]
    if held:
        last = max(held, key=lambda hold: (hold.review_on, hold.id))
        return Ruling(
            category=category,
            disposition=Disposition.RESTRICT,
            basis=f"hold:{last.id}",
            until=last.review_on,
        )
    keeping = [
        (_until(rule, known), rule)
        for rule in binding(policy, known.jurisdiction)
        if category in rule.categories and _applies(rule, known)
    ]
    if keeping:
        until, rule = max(keeping, key=lambda kept: (kept[0] or date.max, kept[1].id))
        return Ruling(
            category=category, disposition=Disposition.RESTRICT, basis=rule.id, until=until
        )
    return Ruling(category=category, disposition=Disposition.DESTROY, basis="request")


def binding(policy: RetentionPolicy, jurisdiction: str | None) -> list[RetentionRule]:
    """The rows for a jurisdiction: those that name it, else its country, else everywhere."""
    bound = []
    for because in Because:
        rows = [rule for rule in policy.rules if rule.because is because]
        country = None if jurisdiction is None else jurisdiction.partition("-")[0]
        for name in (jurisdiction, country):
            named = [r for r in rows if r.jurisdictions is not None and name in r.jurisdictions]
            if named:
                bound += named
                break
        else:
            bound += [r for r in rows if r.jurisdictions is None]
    return bound


def _applies(rule: RetentionRule, known: Circumstances) -> bool:
    if rule.because is Because.OPEN_CASE:
        return known.open_cases > 0
    until = _until(rule, known)
    return until is not None and known.today < until


def _until(rule: RetentionRule, known: Circumstances) -> date | None:
    """Years are counted from the end of the calendar year of the last order, as books are kept."""
    if rule.because is Because.OPEN_CASE or known.last_order_on is None or rule.years is None:
        return None
    return date(known.last_order_on.year + 1 + rule.years, 1, 1)


def read_retention(document: Mapping[str, Any]) -> RetentionPolicy:
    """The rows of a parsed TOML document. KeyError, TypeError or ValueError if not well-formed;
    RetentionBelowFloor, RetentionClassUnknown."""
    pack = document["pack"]
    rules = []
    for row in document["retention"]:
        given = dict(row)
        given["because"] = Because(given["because"])
        given["categories"] = frozenset(Category(c) for c in given["categories"])
        if "jurisdictions" in given:
            given["jurisdictions"] = frozenset(given["jurisdictions"])
        rules.append(RetentionRule(**given))
    ids = [rule.id for rule in rules]
    if twice := sorted({id for id in ids if ids.count(id) > 1}):
        raise ValueError(f"two retention rules are called {twice[0]}")
    policy = RetentionPolicy(
        name=f"{pack['id']}@{pack['version']}",
        rules=tuple(rules),
        floors=tuple(Floor(**row) for row in document["floor"]),
    )
    for row in document["period"]:
        policy = policy.with_period(row["of"], row["days"])
    return policy
