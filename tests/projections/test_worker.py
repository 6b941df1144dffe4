"""A worker brings a build forward: whole batches, each once, never past the watermark."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event as Signal
from threading import Thread
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from domain.event import Event
from domain.order.events import OrderPlaced
from infra.projector import Projector, progress, wait_for
from infra.projector.builds import Build, connected
from infra.projector.parking import LostLease
from infra.projector.rebuilding import ensure, rebuild
from infra.projector.worker import Worker, watermark
from projections.catalogue import PROJECTIONS
from projections.orders import ORDERS
from projections.projection import Entry, Projection, Rows
from tests.projections.life import bought, erase, lived
from tests.projections.shop import Shop, contents, until


@pytest.fixture
def connection(shop: Shop) -> Iterator[Connection[tuple[Any, ...]]]:
    with connected(shop.dsn) as held:
        yield held


class Full(Exception):
    """The projection of this test takes no more."""


def refusing(rows: Rows[Any], entry: Entry) -> None:
    raise Full


def only(event: type[Event]) -> dict[str, Projection[Any]]:
    """A projection that stops at the first such event."""
    stopping = Projection(name="orders", version=1, table=ORDERS.table, on=(event,), fold=refusing)
    return {"orders": stopping, "customers": PROJECTIONS["customers"]}


@pytest.mark.parametrize("batch", [1, 2, 3, 7])
def test_batches_of_any_size_give_the_same_tables(
    shop: Shop, connection: Connection[Any], batch: int
) -> None:
    life = lived(shop)
    lived(shop, 2)
    erase(shop, life.customer)
    for projection in PROJECTIONS.values():
        worker = Worker(connection, ensure(connection, projection), batch=batch)
        assert worker.catch_up(watermark(connection)) == watermark(connection)
    as_it_went = contents(shop.dsn)
    for name in PROJECTIONS:
        rebuild(shop.dsn, name)
    assert contents(shop.dsn) == as_it_went


def test_types_nobody_listens_to_are_passed_over(shop: Shop, connection: Connection[Any]) -> None:
    build = ensure(connection, ORDERS)
    lived(shop)
    worker = Worker(connection, build)
    assert worker.step(0, watermark(connection)) == watermark(connection)


def test_nothing_above_the_watermark_is_read(shop: Shop, connection: Connection[Any]) -> None:
    build = ensure(connection, ORDERS)
    lived(shop)
    worker = Worker(connection, build)
    assert worker.step(0, 3) == 3
    assert shop.rows("orders") == []


class TestTwoWorkers:
    def test_of_one_build_only_one_holds_the_lease(
        self, shop: Shop, connection: Connection[Any]
    ) -> None:
        build = ensure(connection, ORDERS)
        first = Worker(connection, build)
        with connected(shop.dsn) as other:
            second = Worker(other, build)
            assert first.lease()
            assert not second.lease()
            first.release()
            assert second.lease()

    def test_without_the_lease_the_position_fences_the_slower_off(
        self, shop: Shop, connection: Connection[Any]
    ) -> None:
        lived(shop)
        build = ensure(connection, PROJECTIONS["customers"])
        life = lived(shop, 2)
        slow, goal = Worker(connection, build), watermark(connection)
        position = slow.position()
        with connected(shop.dsn) as other:
            Worker(other, build).step(position, goal)
        before = shop.rows("customers")
        with pytest.raises(LostLease):
            slow.step(position, goal)
        assert shop.rows("customers") == before
        assert len(before) == 2
        assert shop.row("customers", customer=life.customer)["country"] == "IE"


class TestStopping:
    def test_a_projection_that_cannot_apply_an_event_says_which_and_keeps_its_place(
        self, shop: Shop, connection: Connection[Any]
    ) -> None:
        ensure(connection, ORDERS)
        life = lived(shop)
        projector = Projector(shop.dsn, only(OrderPlaced))
        projector.turn(connection, {})
        placed = shop.record.read_stream(life.order)[0].header.position
        assert projector.stopped == {"orders": f"Full:  (while orders read position {placed})"}
        assert shop.row("customers")["country"] == "IE"
        behind = {p.name: p.position for p in progress(connection)}
        assert behind["orders"] == 0

    def test_the_others_go_on_and_it_resumes_once_it_can(
        self, shop: Shop, connection: Connection[Any]
    ) -> None:
        ensure(connection, ORDERS)
        lived(shop)
        Projector(shop.dsn, only(OrderPlaced)).turn(connection, {})
        shop.catch_up()
        assert len(shop.rows("orders")) == 2


class TestRunning:
    def test_follows_what_is_recorded_and_a_reader_can_wait_for_it(self, shop: Shop) -> None:
        projector, stop = Projector(shop.dsn), Signal()
        thread = Thread(target=projector.run, args=(stop,))
        thread.start()
        try:
            life = lived(shop)
            assert wait_for(shop.record.connection, life.position, list(PROJECTIONS), 10)
            assert shop.row("customers")["country"] == "IE"
            assert not wait_for(shop.record.connection, life.position + 1, ["orders"], 0.05)
        finally:
            stop.set()
            thread.join()
        assert projector.stopped == {}

    def test_opens_a_lost_connection_again(self, shop: Shop) -> None:
        projector, stop = Projector(shop.dsn), Signal()
        thread = Thread(target=projector.run, args=(stop,))
        thread.start()
        try:
            life = lived(shop)
            assert wait_for(shop.record.connection, life.position, ["orders"], 10)
            with psycopg.connect(shop.dsn, autocommit=True) as admin:
                assert until(lambda: cut(admin), admin)
                bought(shop, life.customer, "A9", "1", 1)
                assert until(lambda: len(shop.rows("orders")) == 3, admin)
        finally:
            stop.set()
            thread.join()

    def test_reports_how_far_each_is(self, shop: Shop, connection: Connection[Any]) -> None:
        shop.catch_up()
        life = lived(shop)
        shop.catch_up({"orders": ORDERS})
        far = {p.name: p for p in progress(connection)}
        assert (far["orders"].position, far["orders"].behind) == (life.position, 0)
        assert (far["history"].position, far["history"].behind) == (0, life.position)
        assert {p.state for p in far.values()} == {"live"}


def cut(admin: psycopg.Connection[Any]) -> bool:
    row = admin.execute(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE application_name = 'dossier projector' AND datname = current_database()"
        " AND state = 'idle' AND query <> ''"
    ).fetchone()
    return row is not None and row[0] > 0


def test_a_build_names_its_schema() -> None:
    assert Build(ORDERS, 3).schema == "p_orders_v3"
