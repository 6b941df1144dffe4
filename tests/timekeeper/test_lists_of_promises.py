"""The breach list and the list of promises that run: what narrows them, in which order, by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from domain.terms import Tier
from infra.product import Product, now
from infra.timekeeper.due import connected
from infra.timekeeper.running import note_all
from queries.breaches_as_of import Breach, breaches_as_of
from queries.timers_running import TimerRunning, timers_running
from tests.timekeeper.promised import HOUR, cases, caught_up, promise

OTHER: dict[str, Any] = {
    "channel": "chat",
    "team": "two",
    "tier": Tier.CORE,
    "metric": "resolution",
    "clause": "OS-3.1-2c",
    "policy": "overseas_service@3",
}
PLAIN: dict[str, Any] = {"channel": "email", "team": "one", "tier": Tier.POTENTIAL}
FILTERS = [*OTHER.items(), ("policy", "overseas_service")]

SOON = timedelta(minutes=10)


class Shown:
    """Four promises broken an hour apart, of which two have been noted, and four that run."""

    def __init__(self, product: Product, db: Connection[Any]) -> None:
        self.product, self.db, self.at = product, db, now()
        broken = [promise(self.at - n * HOUR) for n in (4, 3, 2, 1)]
        running = [promise(self.at + n * SOON) for n in (1, 2, 3, 4)]
        self.broken, self.running = self._told(broken[:2]), self._told(running)
        note_all(product)
        self.broken += self._told(broken[2:])

    def _told(self, made: list[Any]) -> list[UUID]:
        differ = [replace(one, **(OTHER if n % 2 else PLAIN)) for n, one in enumerate(made)]
        cases(self.product, differ)
        caught_up(self.product)
        return [one.timer for one in differ]

    def breaches(self, **asked: Any) -> list[Breach]:
        return breaches_as_of(self.db, asked.pop("as_of", self.at), **asked)

    def timers(self, **asked: Any) -> list[TimerRunning]:
        return timers_running(self.db, **asked)


@pytest.fixture
def shown(running: Product) -> Iterator[Shown]:
    with connected(running.addresses.database_url) as db:
        yield Shown(running, db)


def of(found: list[Any]) -> list[UUID]:
    return [one.timer for one in found]


def test_broken_noted_or_not_the_longest_ago_first(shown: Shown) -> None:
    assert of(shown.breaches()) == shown.broken
    assert of(shown.timers()) == [*shown.broken[2:], *shown.running]
    states = shown.db.execute("SELECT state FROM read.sla_timers ORDER BY due_at").fetchall()
    assert [state for (state,) in states] == ["breached"] * 2 + ["running"] * 6


@pytest.mark.parametrize(("name", "value"), FILTERS)
def test_each_filter_keeps_its_own(shown: Shown, name: str, value: str) -> None:
    assert of(shown.breaches(**{name: value})) == [shown.broken[n] for n in (1, 3)]
    assert of(shown.timers(**{name: value})) == [
        shown.broken[3],
        shown.running[1],
        shown.running[3],
    ]
    assert (shown.breaches(**{name: "nothing"}), shown.timers(**{name: "nothing"})) == ([], [])


def test_by_market_by_age_and_as_of_a_moment(shown: Shown) -> None:
    assert (len(shown.breaches(market="CN")), shown.breaches(market="GB")) == (4, [])
    assert of(shown.breaches(late_minutes=120)) == shown.broken[:3]
    before = shown.at - 2 * HOUR - HOUR / 2
    assert of(shown.breaches(as_of=before)) == shown.broken[:2]
    assert of(shown.timers(due_before=shown.at + 2 * SOON)) == [
        *shown.broken[2:],
        shown.running[0],
    ]
    assert of(shown.timers(started_before=shown.at - HOUR)) == [*shown.broken[2:]]


def test_page_by_page_it_is_the_same_list(shown: Shown) -> None:
    paged: list[UUID] = []
    last: tuple[datetime, UUID] | None = None
    while page := shown.breaches(after=last, limit=3):
        paged += of(page)
        last = page[-1].due_at, page[-1].timer
    assert paged == shown.broken
    assert shown.breaches(after=(shown.at - timedelta(seconds=1), UUID(int=0))) == []
