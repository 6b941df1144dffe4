"""Projectors are woken by a word after the commit; without it they are only later."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Signal
from threading import Thread

import psycopg
import pytest

from infra.projector import Projector, running, wait_for
from infra.record.waking import CHANNEL, Waker
from projections.orders import ORDERS
from tests.projections.life import bought, lived
from tests.projections.shop import Shop

LONG = 30.0


@contextmanager
def following(shop: Shop) -> Iterator[Projector]:
    projector, stop = Projector(shop.dsn, {"orders": ORDERS}), Signal()
    thread = Thread(target=projector.run, args=(stop,))
    thread.start()
    try:
        yield projector
    finally:
        stop.set()
        with psycopg.connect(shop.dsn, autocommit=True) as admin:
            admin.execute(f"NOTIFY {CHANNEL}")
        thread.join()


def seconds_until_shown(shop: Shop, position: int) -> float:
    began = time.monotonic()
    assert wait_for(shop.record.connection, position, ["orders"], LONG / 2)
    return time.monotonic() - began


def test_a_word_wakes_a_projector_that_would_sleep_long(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = lived(shop)
    shop.catch_up({"orders": ORDERS})
    monkeypatch.setattr(running, "POLL_SECONDS", LONG)
    with following(shop):
        for number in range(3):
            bought(shop, life.customer, f"A{number + 5}", "1", 1)
            with shop.reading() as connection:
                row = connection.execute("SELECT max(position) FROM es.events").fetchone()
            assert row is not None
            assert seconds_until_shown(shop, row[0]) < LONG / 3
    assert len(shop.rows("orders")) == 5


def test_without_a_word_it_looks_all_the_same(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Waker, "tell", lambda _: None)
    shop.catch_up({"orders": ORDERS})
    with following(shop):
        life = lived(shop)
        assert seconds_until_shown(shop, life.position) < LONG / 3
    assert len(shop.rows("orders")) == 2


class TestTheWord:
    def test_says_nothing_but_that_it_is_time_to_look(self, shop: Shop) -> None:
        with psycopg.connect(shop.dsn, autocommit=True) as listener:
            listener.execute(f"LISTEN {CHANNEL}")
            lived(shop)
            words = list(listener.notifies(timeout=5, stop_after=1))
        assert {word.payload for word in words} == {""}

    def test_is_not_sent_for_every_append(self, shop: Shop) -> None:
        with psycopg.connect(shop.dsn, autocommit=True) as listener:
            listener.execute(f"LISTEN {CHANNEL}")
            waker = Waker(shop.record.connection)
            for _ in range(10_000):
                waker.tell()
            waker.close()
            assert len(list(listener.notifies(timeout=0.5))) < 1_000

    def test_that_cannot_be_sent_hurts_nobody(self, shop: Shop) -> None:
        @contextmanager
        def nowhere() -> Iterator[psycopg.Connection[object]]:
            raise psycopg.OperationalError
            yield

        waker = Waker(nowhere)
        waker.tell()
        waker.close()
        waker.tell()
