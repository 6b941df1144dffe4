"""The retail tier scheme as a truth table, and what its days are."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files

import pytest

from domain.policy.tier import IndicatorMissing, TierScheme, quarter_end, read_schemes
from domain.terms import Tier

RETAIL = read_schemes(tomllib.loads(files("domain.policy").joinpath("tier.toml").read_text()))[
    "retail"
]


@pytest.mark.clause("CB-9.1a", "CB-9.1b")
@pytest.mark.parametrize(
    ("orders", "net", "tier"),
    [
        (8, "5000", Tier.CORE),
        (8, "4999.999", Tier.IMPORTANT),
        (7, "5000", Tier.IMPORTANT),
        (200, "1000000", Tier.CORE),
        (3, "1000", Tier.IMPORTANT),
        (3, "999.999", Tier.NORMAL),
        (2, "1000", Tier.NORMAL),
        (2, "77183.600", Tier.NORMAL),
        (1, "0.001", Tier.NORMAL),
        (1, "-12.50", Tier.NORMAL),
        (0, "0", Tier.POTENTIAL),
        (0, "-77183.600", Tier.POTENTIAL),
    ],
)
def test_retail_thresholds(orders: int, net: str, tier: Tier) -> None:
    indicators = {"orders_365d": Decimal(orders), "net_365d": Decimal(net)}
    assert RETAIL.tier_of(indicators) is tier


@pytest.mark.parametrize("missing", ["orders_365d", "net_365d"])
def test_every_indicator_is_needed_even_where_it_would_not_decide(missing: str) -> None:
    indicators = {"orders_365d": Decimal(0), "net_365d": Decimal(0)}
    del indicators[missing]
    with pytest.raises(IndicatorMissing) as refused:
        RETAIL.tier_of(indicators)
    assert refused.value.parameters == {"scheme": "retail", "indicator": missing}


@pytest.mark.clause("CB-9.3a")
@pytest.mark.parametrize(
    ("as_of", "since", "until"),
    [
        (date(2010, 3, 31), (2009, 3, 31, 23), (2010, 3, 31, 23)),
        (date(2010, 6, 30), (2009, 6, 30, 23), (2010, 6, 30, 23)),
        (date(2010, 12, 31), (2010, 1, 1, 0), (2011, 1, 1, 0)),
        (date(2011, 12, 9), (2010, 12, 10, 0), (2011, 12, 10, 0)),
    ],
)
def test_days_end_at_midnight_in_london(
    as_of: date, since: tuple[int, int, int, int], until: tuple[int, int, int, int]
) -> None:
    assert RETAIL.window(as_of) == (
        datetime(*since, tzinfo=UTC),
        datetime(*until, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2010, 1, 1), date(2010, 3, 31)),
        (date(2010, 3, 31), date(2010, 3, 31)),
        (date(2010, 4, 1), date(2010, 6, 30)),
        (date(2010, 9, 30), date(2010, 9, 30)),
        (date(2010, 12, 9), date(2010, 12, 31)),
    ],
)
def test_quarters_end(day: date, last: date) -> None:
    assert quarter_end(day) == last


ROW = {"tier": "normal", "clause": "CB-9.1a", "says": "", "at_least": {}}
TABLE = {
    "id": "x",
    "version": 1,
    "clause": "CB-9.1c",
    "says": "",
    "zone": "UTC",
    "currency": "EUR",
    "window_days": 30,
    "indicators": ["net"],
    "row": [ROW],
}


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"scheme": [TABLE, TABLE]}, "two tier schemes are called x"),
        ({"scheme": [{**TABLE, "row": [{**ROW, "at_least": {"nett": "1"}}, ROW]}]}, "nett"),
        ({"scheme": [{**TABLE, "row": [{**ROW, "at_least": {"net": "1"}}]}]}, "last row"),
        ({"scheme": [{**TABLE, "row": [{**ROW, "tier": "gold"}]}]}, "gold"),
    ],
)
def test_a_scheme_that_could_not_decide_is_not_read(
    document: dict[str, list[dict[str, object]]], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        read_schemes(document)


def test_a_scheme_that_is_well_formed_is_read() -> None:
    schemes: dict[str, TierScheme] = read_schemes({"scheme": [TABLE]})
    assert schemes["x"].tier_of({"net": Decimal(-1)}) is Tier.NORMAL
