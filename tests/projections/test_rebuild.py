"""A projection built anew is the same, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from threading import Event as Signal
from threading import Thread
from typing import Any

import psycopg
import pytest

from domain.personal import Category
from infra.projector import NoSuchProjection, progress, rebuild
from infra.projector.builds import Build, connected
from infra.projector.rebuilding import ensure
from infra.projector.worker import Worker, watermark
from projections.catalogue import PROJECTIONS
from projections.orders import ORDERS
from projections.projection import Entry, Rows
from tests.conftest import new_database
from tests.projections.life import bought, erase, erased_in_part, lived
from tests.projections.owed import owed
from tests.projections.policies import ROW, drafted
from tests.projections.shop import Shop, contents
from tests.projections.staff import staffed


class Broken(Exception):
    """The fold of this test gives up."""


def breaking(rows: Rows[Any], entry: Entry) -> None:
    raise Broken


STOPPING = replace(ORDERS, fold=breaking, parks_by=None)


@pytest.fixture(scope="module")
def full_shop(server_addresses: dict[str, str], worker_id: str) -> Iterator[Shop]:
    """Something of everything, one customer erased and one in part; for tests that change
    nothing of it."""
    with new_database(server_addresses["postgres"], f"full_shop_{worker_id}") as address:
        shop = Shop(address)
        lived(shop)
        staffed(shop)
        owed(shop)
        drafted(shop, "house_rules", ROW)
        shop.catch_up()
        erased = lived(shop, 2)
        shop.catch_up()
        erase(shop, erased.customer)
        erased_in_part(shop, lived(shop, 3).customer, Category.CONTENT)
        shop.catch_up()
        yield shop
        shop.close()


class TestRebuilding:
    @pytest.mark.parametrize("name", PROJECTIONS)
    def test_gives_the_same_bytes(self, full_shop: Shop, name: str) -> None:
        before = contents(full_shop.dsn)
        assert before[name] != b""
        assert rebuild(full_shop.dsn, name).number == 2
        assert contents(full_shop.dsn) == before

    def test_leaves_one_build_and_goes_on_from_there(self, shop: Shop) -> None:
        life = lived(shop)
        shop.catch_up()
        rebuild(shop.dsn, "orders")
        bought(shop, life.customer, "A9", "1", 1)
        shop.catch_up()
        assert len(shop.rows("orders")) == 3
        with connected(shop.dsn) as connection:
            builds = [(p.build, p.state) for p in progress(connection) if p.name == "orders"]
            schemas = connection.execute(
                "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'p\\_orders%'"
            ).fetchall()
        assert builds == [(2, "live")]
        assert schemas == [("p_orders_v2",)]

    def test_of_an_unknown_projection_is_refused(self, shop: Shop) -> None:
        with pytest.raises(NoSuchProjection, match="sales"):
            rebuild(shop.dsn, "sales")

    def test_that_fails_leaves_what_was_shown_and_can_be_repeated(self, shop: Shop) -> None:
        lived(shop)
        shop.catch_up()
        before = contents(shop.dsn)
        with pytest.raises(Broken):
            rebuild(shop.dsn, "orders", projections={"orders": STOPPING})
        assert contents(shop.dsn) == before
        rebuild(shop.dsn, "orders")
        assert contents(shop.dsn) == before

    def test_tells_how_far_it_is(self, shop: Shop) -> None:
        life = lived(shop)
        heard: list[tuple[str, int, int]] = []
        rebuild(shop.dsn, "orders", heard=lambda b, at, goal: heard.append((b.schema, at, goal)))
        assert heard == [("p_orders_v1", life.position, life.position)]

    def test_never_lets_a_reader_see_less_than_before(self, shop: Shop) -> None:
        life = lived(shop)
        shop.catch_up()
        seen: list[int] = []
        done = Signal()

        def read() -> None:
            with psycopg.connect(shop.dsn, autocommit=True) as connection:
                while not done.is_set():
                    row = connection.execute("SELECT count(*) FROM read.orders").fetchone()
                    assert row is not None
                    seen.append(row[0])

        reader = Thread(target=read)
        reader.start()
        try:
            for number in range(5):
                bought(shop, life.customer, f"B{number}", "1", 1)
                shop.catch_up({"orders": ORDERS})
                rebuild(shop.dsn, "orders")
        finally:
            done.set()
            reader.join()
        assert seen == sorted(seen)
        assert len(shop.rows("orders")) == 7


def test_two_that_find_no_build_make_one(shop: Shop) -> None:
    lived(shop)
    both = [Thread(target=shop.catch_up) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    with connected(shop.dsn) as connection:
        builds = [(p.name, p.build) for p in progress(connection)]
    assert builds == [(name, 1) for name in sorted(PROJECTIONS)]
    assert len(shop.rows("orders")) == 2


class TestAChangedProjection:
    def test_is_built_anew_when_it_is_next_run(self, shop: Shop) -> None:
        lived(shop)
        shop.catch_up()
        changed = {"orders": replace(ORDERS, version=ORDERS.version + 1)}
        shop.catch_up(changed)
        with connected(shop.dsn) as connection:
            builds = [(p.build, p.state) for p in progress(connection) if p.name == "orders"]
        assert builds == [(1, "retired"), (2, "live")]
        shop.catch_up(changed)
        assert len(shop.rows("orders")) == 2

    def test_sends_the_worker_of_the_build_before_away(self, shop: Shop) -> None:
        lived(shop)
        with connected(shop.dsn) as connection:
            old = Worker(connection, ensure(connection, ORDERS))
            rebuild(shop.dsn, "orders")
            life = lived(shop, 2)
            with pytest.raises(Exception, match="p_orders_v1"):
                old.step(life.position - 1, watermark(connection))
        assert Build(ORDERS, 2).schema == "p_orders_v2"
