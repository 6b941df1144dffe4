"""A new version is built beside the one shown, and takes its place at once; and back again."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from infra.projector import Progress, Projector, progress, rebuild
from infra.projector.builds import Projections, connected
from infra.projector.parking import parked
from infra.projector.rebuilding import SwitchRefused
from infra.projector.running import replay
from infra.projector.worker import Worker
from projections.orders import ORDERS
from projections.projection import Entry, Projection, Rows
from projections.tickets import TICKETS
from tests.projections.life import bought, erase, lived
from tests.projections.shop import Shop, contents

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("killed_build.py")


class Poison(Exception):
    """The fold of a test cannot apply this event."""


def newer(projection: Projection[Any]) -> Projections:
    return {projection.name: replace(projection, version=projection.version + 1)}


def sick(projections: Projections) -> Projections:
    def fold(rows: Rows[Any], entry: Entry) -> None:
        raise Poison

    return {name: replace(projection, fold=fold) for name, projection in projections.items()}


@pytest.fixture
def connection(shop: Shop) -> Iterator[Connection[tuple[Any, ...]]]:
    with connected(shop.dsn) as held:
        yield held


def builds(connection: Connection[Any]) -> list[tuple[int, str]]:
    return [(p.build, p.state) for p in progress(connection)]


def turn_until_idle(projector: Projector, connection: Connection[Any]) -> None:
    workers: dict[str, Worker] = {}
    while projector.turn(connection, workers):
        pass
    for worker in workers.values():
        worker.release()


class TestANewVersion:
    def test_is_built_beside_the_one_shown_and_takes_its_place(
        self, shop: Shop, connection: Connection[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        life = lived(shop)
        for number in range(5):
            bought(shop, life.customer, f"A{number + 5}", "1", 1)
        shop.catch_up({"orders": ORDERS})
        seen: list[list[Progress]] = []

        def look(*_: object) -> None:
            seen.append(progress(connection))
            assert len(shop.rows("orders")) == 7

        monkeypatch.setattr("infra.projector.worker.BATCH", 2)
        with connected(shop.dsn) as other:
            projector = Projector(shop.dsn, newer(ORDERS), after_commit=look)
            turn_until_idle(projector, other)
        assert [(p.build, p.state) for p in seen[0]] == [(1, "live"), (2, "building")]
        positions = [p.position for builds in seen for p in builds if p.state == "building"]
        assert positions == sorted(positions)
        assert builds(connection) == [(1, "retired"), (2, "live")]
        assert len(shop.rows("orders")) == 7

    def test_that_is_killed_on_its_way_goes_on_from_there(
        self, shop: Shop, connection: Connection[Any]
    ) -> None:
        lived(shop)
        lived(shop, 2)
        shop.catch_up({"orders": ORDERS})
        ended = subprocess.run(
            [sys.executable, str(PROGRAM), shop.dsn],
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT)},
            timeout=60,
            check=False,
        )
        assert ended.returncode == -signal.SIGKILL
        assert builds(connection) == [(1, "live"), (2, "building")]
        (half,) = [p for p in progress(connection) if p.state == "building"]
        assert half.position > 0
        assert half.behind > 0
        assert len(shop.rows("orders")) == 4
        shop.catch_up(newer(ORDERS))
        assert builds(connection) == [(1, "retired"), (2, "live")]
        whole = contents(shop.dsn, {"orders": ORDERS})
        rebuild(shop.dsn, "orders", projections=newer(ORDERS))
        assert contents(shop.dsn, {"orders": ORDERS}) == whole

    def test_is_refused_while_something_is_parked_and_shown_once_it_is_not(
        self, shop: Shop, connection: Connection[Any]
    ) -> None:
        lived(shop)
        shop.catch_up({"orders": ORDERS})
        with pytest.raises(SwitchRefused) as refused:
            shop.catch_up(sick(newer(ORDERS)))
        assert refused.value.parameters == {"name": "orders", "parked": 2}
        assert builds(connection) == [(1, "live"), (2, "building")]
        assert len(shop.rows("orders")) == 2
        projector = Projector(shop.dsn, newer(ORDERS))
        turn_until_idle(projector, connection)
        assert projector.stopped == {}
        assert builds(connection) == [(1, "live"), (2, "building")]
        assert replay(shop.dsn, "orders", projections=newer(ORDERS)) == (2, 0)
        turn_until_idle(projector, connection)
        assert builds(connection) == [(1, "retired"), (2, "live")]
        assert len(shop.rows("orders")) == 2
        assert parked(connection) == []

    def test_is_shown_parked_or_not_where_nothing_was_shown_before(
        self, shop: Shop, connection: Connection[Any]
    ) -> None:
        lived(shop)
        shop.catch_up(sick({"orders": ORDERS}))
        assert builds(connection) == [(1, "live")]
        assert len(parked(connection)) == 2


class TestSwitchingBack:
    def test_shows_the_one_before_brought_up_to_date(
        self, shop: Shop, connection: Connection[Any]
    ) -> None:
        life = lived(shop)
        shop.catch_up({"orders": ORDERS})
        shop.catch_up(newer(ORDERS))
        bought(shop, life.customer, "A9", "1", 1)
        shop.catch_up(newer(ORDERS))
        shop.catch_up({"orders": ORDERS})
        assert builds(connection) == [(1, "live"), (2, "retired")]
        assert len(shop.rows("orders")) == 3
        shop.catch_up(newer(ORDERS))
        assert builds(connection) == [(1, "retired"), (2, "live")]
        assert len(shop.rows("orders")) == 3

    def test_is_not_done_by_a_projector_of_the_release_before(
        self, shop: Shop, connection: Connection[Any]
    ) -> None:
        life = lived(shop)
        shop.catch_up({"orders": ORDERS})
        shop.catch_up(newer(ORDERS))
        bought(shop, life.customer, "A9", "1", 1)
        turn_until_idle(Projector(shop.dsn, {"orders": ORDERS}), connection)
        assert builds(connection) == [(1, "retired"), (2, "live")]
        behind = {p.build: p.behind for p in progress(connection)}
        assert behind[1] == 0
        assert behind[2] > 0

    def test_keeps_one_build_and_no_more(self, shop: Shop, connection: Connection[Any]) -> None:
        lived(shop)
        for version in range(1, 5):
            shop.catch_up({"orders": replace(ORDERS, version=version)})
        assert builds(connection) == [(3, "retired"), (4, "live")]
        schemas = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'p\\_orders%' ORDER BY 1"
        ).fetchall()
        assert schemas == [("p_orders_v3",), ("p_orders_v4",)]

    def test_brings_back_nothing_that_was_erased(
        self, shop: Shop, connection: Connection[Any]
    ) -> None:
        life = lived(shop)
        shop.catch_up({"tickets": TICKETS})
        shop.catch_up(newer(TICKETS))
        erase(shop, life.customer)
        shop.catch_up(newer(TICKETS))
        with psycopg.connect(shop.dsn) as admin:
            rows = admin.execute(
                "SELECT subject_token FROM p_tickets_v1.tickets UNION ALL"
                " SELECT subject_token FROM p_tickets_v2.tickets"
            ).fetchall()
        assert rows == [(None,), (None,)]
        shop.catch_up({"tickets": TICKETS})
        assert builds(connection) == [(1, "live"), (2, "retired")]
        assert shop.row("tickets")["subject_token"] is None


def test_readers_see_no_error_and_no_step_back(shop: Shop) -> None:
    life = lived(shop)
    shop.catch_up({"orders": ORDERS})
    seen: list[int] = []
    faults: list[Exception] = []
    done = Signal()

    def read() -> None:
        with psycopg.connect(shop.dsn, autocommit=True) as reader:
            reader.execute("SET ROLE dossier_reader")
            while not done.is_set():
                try:
                    row = reader.execute("SELECT count(*) FROM read.orders").fetchone()
                except psycopg.Error as fault:
                    faults.append(fault)
                else:
                    assert row is not None
                    seen.append(row[0])

    reader = Thread(target=read)
    reader.start()
    try:
        for number in range(6):
            bought(shop, life.customer, f"B{number}", "1", 1)
            shop.catch_up(newer(ORDERS) if number % 2 else {"orders": ORDERS})
    finally:
        done.set()
        reader.join()
    assert faults == []
    assert seen == sorted(seen)
    assert len(shop.rows("orders")) == 8
