"""What is kept against an erasure: the decision table, row by row and over all of it."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib.resources import files
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.personal import Category
from domain.privacy.events import Disposition, RequestType
from domain.privacy.refusals import RetentionBelowFloor, RetentionClassUnknown
from domain.privacy.retention import Circumstances, Hold, binding, read_retention, rulings
from infra.policies import shipped_rulebook

POLICY = shipped_rulebook().retention
TODAY = date(2026, 11, 24)
ALL = tuple(Category)
IDENTITY, CONTACT, CONTENT, SENSITIVE = ALL


def known(
    jurisdiction: str | None = "DE", last_order_on: date | None = None, open_cases: int = 0
) -> Circumstances:
    return Circumstances(
        jurisdiction=jurisdiction, last_order_on=last_order_on, open_cases=open_cases, today=TODAY
    )


def hold(*categories: Category, review_on: date = date(2027, 6, 1), id: int = 1) -> Hold:
    return Hold(
        id=UUID(int=id),
        categories=frozenset(categories),
        basis="court:17",
        owner="cleo",
        review_on=review_on,
    )


def table(circumstances: Circumstances, *holds: Hold) -> dict[Category, tuple[str, str, object]]:
    ruled = rulings(POLICY, RequestType.ERASURE, ALL, holds, circumstances)
    return {r.category: (r.disposition.value, r.basis, r.until) for r in ruled}


GONE = ("destroy", "request", None)


@pytest.mark.clause("CB-15.2b")
@pytest.mark.parametrize(
    ("jurisdiction", "last_order_on", "basis", "until"),
    [
        ("DE", date(2026, 2, 1), "de-ao-147", date(2035, 1, 1)),
        ("DE", date(2018, 12, 31), "de-ao-147", date(2027, 1, 1)),
        ("DE", date(2017, 12, 31), None, None),
        ("CN", date(2023, 1, 1), "cn-ecl-31", date(2027, 1, 1)),
        ("CN", date(2022, 12, 31), None, None),
        ("GB", date(2020, 3, 1), "gb-tma-12b", date(2027, 1, 1)),
        ("US-CA", date(2024, 3, 1), "us-irs-6501", date(2028, 1, 1)),
        ("JP", date(2020, 3, 1), "jp-cta-59", date(2028, 1, 1)),
        ("IL", date(2020, 3, 1), "il-bookkeeping-25", date(2028, 1, 1)),
        ("SG", date(2024, 3, 1), "any-order", date(2028, 1, 1)),
        (None, date(2024, 3, 1), "any-order", date(2028, 1, 1)),
        ("DE", None, None, None),
    ],
)
def test_identity_and_contact_outlive_an_order_by_the_years_of_the_law(
    jurisdiction: str | None, last_order_on: date | None, basis: str | None, until: date | None
) -> None:
    kept = GONE if basis is None else ("restrict", basis, until)
    assert table(known(jurisdiction, last_order_on)) == {
        IDENTITY: kept,
        CONTACT: kept,
        CONTENT: GONE,
        SENSITIVE: GONE,
    }


def test_an_open_case_keeps_what_is_needed_to_finish_it() -> None:
    kept = ("restrict", "open-case", None)
    assert table(known(open_cases=1)) == {
        IDENTITY: kept,
        CONTACT: kept,
        CONTENT: kept,
        SENSITIVE: GONE,
    }


def test_the_rule_without_an_end_counts_before_one_with() -> None:
    assert table(known("CN", date(2026, 1, 1), 2))[IDENTITY][1] == "open-case"


def test_a_hold_counts_before_every_rule_and_the_longest_of_several() -> None:
    short = hold(CONTENT, review_on=date(2027, 1, 1), id=2)
    ruled = table(known("CN", date(2026, 1, 1)), hold(*ALL), short)
    assert set(ruled.values()) == {("restrict", f"hold:{UUID(int=1)}", date(2027, 6, 1))}


def test_to_stop_using_restricts_and_destroys_nothing() -> None:
    ruled = rulings(POLICY, RequestType.STOP_USE, ALL, (), known(last_order_on=TODAY))
    assert {(r.disposition, r.basis) for r in ruled} == {(Disposition.RESTRICT, "request")}


@given(
    st.sampled_from([None, "CN", "DE", "GB", "US", "US-CA", "JP", "IL", "SG", "FR"]),
    st.none() | st.dates(date(2010, 1, 1), TODAY),
    st.integers(0, 2),
    st.lists(st.sets(st.sampled_from(ALL), min_size=1), max_size=2),
    st.sets(st.sampled_from(ALL), min_size=1),
)
def test_every_category_asked_for_is_ruled_on_and_never_destroyed_under_a_hold(
    jurisdiction: str | None,
    last_order_on: date | None,
    open_cases: int,
    held: list[set[Category]],
    asked: set[Category],
) -> None:
    holds = [hold(*categories, id=n) for n, categories in enumerate(held)]
    circumstances = known(jurisdiction, last_order_on, open_cases)
    ruled = rulings(POLICY, RequestType.ERASURE, sorted(asked), holds, circumstances)
    assert [r.category for r in ruled] == sorted(asked)
    for ruling in ruled:
        assert ruling.basis
        if any(ruling.category in h.categories for h in holds):
            assert ruling.disposition is Disposition.RESTRICT


def test_one_row_of_each_kind_binds_everywhere() -> None:
    for jurisdiction, because in product(("CN", "DE", "XX", None), ("order", "open_case")):
        bound = [r for r in binding(POLICY, jurisdiction) if r.because == because]
        assert len(bound) == 1


@pytest.mark.case("CP-07")
@pytest.mark.clause("CB-14.2c")
@pytest.mark.parametrize(
    ("of", "days", "allowed"),
    [
        ("backup", 730, False),
        ("backup", 1095, False),
        ("backup", 1096, True),
        ("archive", 365, False),
        ("archive", 1096, True),
    ],
)
def test_no_policy_keeps_copies_for_less_than_the_floor(of: str, days: int, allowed: bool) -> None:
    if allowed:
        assert POLICY.with_period(of, days).periods[of] == days
        return
    with pytest.raises(RetentionBelowFloor) as refused:
        POLICY.with_period(of, days)
    assert refused.value.parameters == {"retention_class": of, "days": days, "floor": 1096}


@pytest.mark.case("CP-07")
def test_a_shipped_file_below_the_floor_is_not_read() -> None:
    document = tomllib.loads(files("domain.policy").joinpath("retention.toml").read_text("utf-8"))
    document["period"][0]["days"] = 730
    with pytest.raises(RetentionBelowFloor):
        read_retention(document)


def test_copies_nobody_set_a_floor_for_get_no_period() -> None:
    with pytest.raises(RetentionClassUnknown):
        POLICY.with_period("cache", 5_000)
