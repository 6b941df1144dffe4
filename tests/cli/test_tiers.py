"""Tiers at the terminal: a scheme applied to every customer, at a named position, once."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from infra.home import Home
from tests.cli.terminal import ROOT, Terminal, at_prompt
from tests.conftest import new_database

EVALUATIONS = "SELECT count(*) FROM read.history WHERE type = 'CustomerTierEvaluated'"


@pytest.fixture(scope="module")
def imported(
    server_addresses: dict[str, str],
    worker_id: str,
    prompt: subprocess.Popen[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Terminal]:
    """An installation with the sample in it, from which each test gets a copy."""
    home = Home.at(tmp_path_factory.mktemp("imported") / "home")
    with new_database(server_addresses["postgres"], f"imported_{worker_id}") as address:
        first = at_prompt(prompt, home, address, server_addresses["valkey"])
        sample = ROOT / "demo" / "online_retail_lines.csv.gz"
        assert first.types("import", "retail", str(sample)).code == 0
        yield first


@pytest.fixture
def shop(
    imported: Terminal, server_addresses: dict[str, str], worker_id: str, home: Home, redis_url: str
) -> Iterator[Terminal]:
    shutil.copytree(imported.home.path, home.path, dirs_exist_ok=True)
    names = f"shop_{worker_id}", f"imported_{worker_id}"
    with new_database(server_addresses["postgres"], *names) as address:
        yield at_prompt(imported.prompt, home, address, redis_url)


@pytest.mark.clause("CB-9.3a")
def test_every_customer_is_evaluated_at_one_position_and_again_nobody(shop: Terminal) -> None:
    position = shop.rows("SELECT max(position) FROM es.events")[0][0]
    first = shop.types("tiers", "evaluate", "--as-of", "2010-12-31", "--scheme", "retail")
    assert (first.code, first.err) == (0, "")
    evaluated = shop.rows(EVALUATIONS)[0][0]
    assert first.out == f"{evaluated} customers evaluated, 0 as before\n"
    assert evaluated == shop.rows("SELECT count(*) FROM read.tier_view")[0][0] > 100
    assert shop.rows("SELECT DISTINCT position_read FROM read.tier_view") == [(position,)]
    before = shop.recorded()
    again = shop.types("tiers", "evaluate", "--as-of", "2010-12-31")
    assert again.out == f"0 customers evaluated, {evaluated} as before\n"
    assert shop.recorded() == before


def test_a_day_before_the_latest_is_recorded_once_and_changes_no_tier(shop: Terminal) -> None:
    held = "SELECT customer, tier, as_of FROM read.tier_view ORDER BY customer"
    assert shop.types("tiers", "evaluate", "--as-of", "2011-09-30").code == 0
    latest = shop.rows(held)
    assert shop.types("tiers", "evaluate", "--as-of", "2010-12-31").code == 0
    assert set(latest) < set(shop.rows(held))
    before = shop.recorded()
    assert shop.types("tiers", "evaluate", "--as-of", "2010-12-31").out.startswith("0 customers")
    assert shop.recorded() == before


@pytest.mark.clause("CB-9.3a")
def test_whoever_bought_nothing_since_does_not_keep_a_tier(shop: Terminal) -> None:
    assert shop.types("tiers", "evaluate", "--as-of", "2011-09-30").code == 0
    everybody = shop.rows("SELECT count(*) FROM read.tier_view")
    assert shop.types("tiers", "evaluate", "--as-of", "2013-12-31").code == 0
    tiers = "SELECT tier, count(*) FROM read.tier_view WHERE as_of = '2013-12-31' GROUP BY tier"
    assert [tier for tier, _ in shop.rows(tiers)] == ["potential"]
    evaluated = "SELECT count(*) FROM read.tier_view WHERE evaluated_as_of = '2013-12-31'"
    assert shop.rows(evaluated) == everybody


def test_who_holds_a_tier_is_listed_up_to_a_limit(shop: Terminal) -> None:
    assert shop.types("tiers", "evaluate", "--as-of", "2011-09-30").code == 0
    held = dict(shop.rows("SELECT tier, count(*) FROM read.tier_view GROUP BY tier"))
    view = shop.types("tiers").out
    assert all(f" {tier} " in view and f" {count} " in view for tier, count in held.items())
    listed = shop.types("tiers", "list", "--tier", "core").out
    members = shop.rows("SELECT customer FROM read.tier_view WHERE tier = 'core'")
    assert all(str(customer) in listed for (customer,) in members)
    assert listed.count(" retail ") == held["core"] > 2
    two = shop.types("tiers", "list", "--tier", "core", "--limit", "2").out
    assert two.count(" retail ") == 2


def test_whoever_was_erased_meanwhile_is_passed_over(shop: Terminal) -> None:
    assert shop.types("projections", "run").code == 0
    (customer,) = shop.rows("SELECT customer FROM read.customers WHERE kind = 'person' LIMIT 1")[0]
    shop.erases(customer)
    assert shop.types("tiers", "evaluate", "--as-of", "2011-09-30").code == 0
    question = f"SELECT 1 FROM read.tier_view WHERE customer = '{customer}'"
    assert shop.rows(question) == []
