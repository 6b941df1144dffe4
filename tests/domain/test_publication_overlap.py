"""Overlaps of rows, compared with looking at every day, fact and case there is."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.policy.overlap import Claim, clashes, is_exception, overlap
from tests.examples import examples

FACTS = ("InquiryReceived", "ComplaintReceived", "TicketReopened")
FIELDS = {
    "tier": ("core", "important", "normal"),
    "hours": ("inside", "outside"),
    "channel": ("chat", "email", "phone"),
}
FIRST = date(2026, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(4)]


class Case(NamedTuple):
    day: date
    fact: str
    known: dict[str, str]
    happened: frozenset[str]


CASES = [
    Case(day, fact, dict(zip(FIELDS, values, strict=True)), frozenset(happened))
    for day in (FIRST - timedelta(days=1), *DAYS)
    for fact in FACTS
    for values in product(*FIELDS.values())
    for happened in ((), FACTS[:1], FACTS[1:2], FACTS[:2])
]


def holds(claim: Claim, case: Case) -> bool:
    """The meaning of a claim, spelt out for one case."""
    begun = claim.in_force is None or claim.in_force <= case.day
    ended = claim.lapsed is not None and claim.lapsed <= case.day
    return (
        begun
        and not ended
        and case.fact in claim.facts
        and all(case.known[name] in allowed for name, allowed in claim.only.items())
        and (claim.after is None or bool(claim.after & case.happened))
    )


def some(values: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    """Not all of them: a row that lists everything would be the one that says nothing."""
    return st.frozensets(st.sampled_from(values), min_size=1, max_size=len(values) - 1)


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    only = {name: draw(some(values)) for name, values in FIELDS.items() if draw(st.booleans())}
    days = st.none() | st.sampled_from(DAYS)
    return Claim(
        row=draw(st.uuids()).hex,
        promises="first_response",
        facts=draw(st.frozensets(st.sampled_from(FACTS), min_size=1)),
        only=only,
        after=draw(st.none() | st.frozensets(st.sampled_from(FACTS[:2]), min_size=1)),
        in_force=draw(days),
        lapsed=draw(days),
    )


def as_of_always(claim: Claim) -> set[int]:
    """The cases it holds in, whatever the day."""
    return {
        n
        for n, case in enumerate(CASES)
        if case.day == FIRST
        and case.fact in claim.facts
        and all(case.known[name] in allowed for name, allowed in claim.only.items())
        and (claim.after is None or bool(claim.after & case.happened))
    }


@settings(max_examples=examples(300), deadline=None)
@given(claims(), claims())
def test_two_rows_overlap_when_some_case_falls_under_both(one: Claim, two: Claim) -> None:
    both = any(holds(one, case) and holds(two, case) for case in CASES)
    assert overlap(one, two) == overlap(two, one) == both


@settings(max_examples=examples(300), deadline=None)
@given(claims(), claims())
def test_an_exception_holds_in_some_but_not_all_cases_of_the_other(one: Claim, two: Claim) -> None:
    if is_exception(one, two):
        assert as_of_always(one) <= as_of_always(two)
        assert not is_exception(two, one)


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(claims(), max_size=6))
def test_rows_clash_in_pairs_whatever_their_order(rows: list[Claim]) -> None:
    pairs = {frozenset((a.row, b.row)) for a, b in clashes(rows)}
    assert pairs == {frozenset((a.row, b.row)) for a, b in clashes(rows[::-1])}
    assert all(a.row != b.row for a, b in clashes(rows))


@given(claims())
def test_a_row_clashes_with_its_own_copy(claim: Claim) -> None:
    begins, ends = claim.in_force or date.min, claim.lapsed or date.max
    assert bool(list(clashes([claim, claim]))) == (begins < ends)


def claim(row: str, promises: str = "first_response", **only: str) -> Claim:
    return Claim(
        row=row,
        promises=promises,
        facts=frozenset({"InquiryReceived"}),
        only={name: frozenset({value}) for name, value in only.items()},
    )


@pytest.mark.parametrize(
    ("one", "two", "refused"),
    [
        (claim("a"), claim("b"), True),
        (claim("a"), claim("b", "resolution"), False),
        (claim("a", hours="inside"), claim("b", hours="outside"), False),
        (claim("a", hours="inside"), claim("b", hours="inside", tier="core"), False),
        (claim("a", hours="inside"), claim("b", tier="core"), True),
        (claim("a", channel="chat"), claim("b", tier="core"), True),
        (claim("a", market="DE"), claim("b"), False),
        (claim("a", tier="core"), claim("b", tier="core"), True),
    ],
    ids=[
        "the same twice",
        "another promise",
        "inside and outside hours",
        "CB-10.1a and CB-10.1d",
        "either may be wider",
        "two conditions that cross",
        "one market among all",
        "the same condition",
    ],
)
def test_what_may_stand_in_one_policy(one: Claim, two: Claim, refused: bool) -> None:
    assert [(a.row, b.row) for a, b in clashes([one, two])] == ([("a", "b")] if refused else [])
