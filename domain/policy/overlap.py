"""Whether two rows of a policy promise the same: on one day, on one fact, in one case.

A row says where it holds: on which facts, under which conditions, on which days. A condition it
does not name holds for anything. Of two rows that promise the same where both hold, one may be the
exception to the other: it holds only where the other does, and not everywhere the other does (a
core customer's inquiry among all inquiries, CB-10.1a and CB-10.1d). Then both run and the stricter
is shown. Any other overlap leaves open what was meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import date

from domain.event import Frozen


class Claim(Frozen):
    """What a row promises, and where. `facts` are those that start it.

    `only`: per condition the values it asks for, of which a case has one. `after`: facts of which
    one must have happened in the case; no two of such sets exclude each other. `in_force` None:
    from ever; `lapsed`: the first day without it.
    """

    row: str
    promises: str
    facts: frozenset[str]
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    after: frozenset[str] | None = None
    in_force: date | None = None
    lapsed: date | None = None


def clashes(claims: Iterable[Claim]) -> Iterator[tuple[Claim, Claim]]:
    """The pairs that promise the same in some case without one being the exception to the other,
    each once, the earlier row first."""
    seen: dict[str, list[Claim]] = {}
    for claim in claims:
        for other in seen.setdefault(claim.promises, []):
            if overlap(other, claim) and not (
                is_exception(claim, other) or is_exception(other, claim)
            ):
                yield other, claim
        seen[claim.promises].append(claim)


def overlap(one: Claim, two: Claim) -> bool:
    """Whether there is a day, a fact and a case in which both hold."""
    return (
        bool(one.facts & two.facts)
        and _first(one, two) < _end(one, two)
        and all(allowed & two.only[name] for name, allowed in one.only.items() if name in two.only)
    )


def is_exception(one: Claim, two: Claim) -> bool:
    """Whether `one` holds only where `two` does, leaving something to `two` alone. Days aside: a
    row that ends is no exception to the one it was."""
    return within(one, two) and not within(two, one)


def within(one: Claim, two: Claim) -> bool:
    """Whether `two` holds on every fact and in every case in which `one` does."""
    return (
        one.facts <= two.facts
        and all(name in one.only and one.only[name] <= asked for name, asked in two.only.items())
        and (two.after is None or (one.after is not None and one.after <= two.after))
    )


def _first(one: Claim, two: Claim) -> date:
    return max(one.in_force or date.min, two.in_force or date.min)


def _end(one: Claim, two: Claim) -> date:
    return min(one.lapsed or date.max, two.lapsed or date.max)
