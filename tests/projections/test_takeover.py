"""Of several projectors one has a build; when it dies or hangs, another goes on from there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.projector import rebuild, wait_for
from projections.orders import ORDERS
from tests.projections.life import bought, lived
from tests.projections.shop import Shop, contents

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("running_projector.py")
SECONDS, SILENT = 30, 3
ONLY = {"orders": ORDERS}


class Two:
    """Two projectors on one database, each in a process of its own."""

    def __init__(self, dsn: str) -> None:
        self._running = [
            subprocess.Popen(
                [sys.executable, str(PROGRAM), dsn, str(SILENT)],
                cwd=ROOT,
                env={"PYTHONPATH": str(ROOT)},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            for _ in range(2)
        ]
        for one in self._running:
            assert one.stdout is not None
            os.set_blocking(one.stdout.fileno(), False)

    def who_spoke(self) -> list[int]:
        """Which of them committed something since this was last asked, once one has."""
        spoke: list[int] = []
        until = time.monotonic() + SECONDS
        while not spoke and time.monotonic() < until:
            time.sleep(0.05)
            spoke = [n for n, one in enumerate(self._running) if one.stdout and one.stdout.read()]
        return spoke

    def send(self, which: int, number: signal.Signals) -> None:
        self._running[which].send_signal(number)

    def close(self) -> None:
        for one in self._running:
            one.kill()
            one.wait()
            if one.stdout is not None:
                one.stdout.close()


@pytest.fixture
def two(shop: Shop) -> Iterator[Two]:
    shop.catch_up(ONLY)
    both = Two(shop.dsn)
    yield both
    both.close()


def shown(shop: Shop, position: int) -> bool:
    return wait_for(shop.record.connection, position, ["orders"], SECONDS)


def last(shop: Shop) -> int:
    with shop.reading() as connection:
        row = connection.execute("SELECT max(position) FROM es.events").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=lambda s: s.name)
def test_the_other_takes_over_and_nothing_is_lost_or_doubled(
    shop: Shop, two: Two, how: signal.Signals
) -> None:
    life = lived(shop)
    assert shown(shop, life.position)
    (holder,) = two.who_spoke()
    two.send(holder, how)
    bought(shop, life.customer, "A7", "1", 1)
    assert shown(shop, last(shop))
    assert two.who_spoke() == [1 - holder]
    two.send(holder, signal.SIGCONT)
    bought(shop, life.customer, "A8", "1", 1)
    assert shown(shop, last(shop))
    assert len(shop.rows("orders")) == 4
    before = contents(shop.dsn, ONLY)
    two.close()
    rebuild(shop.dsn, "orders")
    assert contents(shop.dsn, ONLY) == before
