"""The projector is killed in the middle of a batch: nothing is lost, nothing is doubled."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.projector import progress, rebuild
from infra.projector.builds import connected
from infra.projector.rebuilding import ensure
from projections.catalogue import PROJECTIONS
from tests.projections.life import erase, lived
from tests.projections.shop import Shop, contents, copied

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("killed_projector.py")
BATCH = 4


def killed(shop: Shop, moment: str, name: str, which: int) -> None:
    ended = subprocess.run(
        [sys.executable, str(PROGRAM), shop.dsn, moment, name, str(BATCH), str(which)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        timeout=60,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL


def position(shop: Shop, name: str) -> int:
    with connected(shop.dsn) as connection:
        (held,) = [p.position for p in progress(connection) if p.name == name]
        return held


@pytest.fixture
def history(shop: Shop) -> Shop:
    """Two lives, one of them erased, and projections that have read nothing of it yet."""
    with connected(shop.dsn) as connection:
        for projection in PROJECTIONS.values():
            ensure(connection, projection)
    first = lived(shop)
    lived(shop, 2)
    erase(shop, first.customer)
    return shop


@pytest.mark.parametrize("name", ["history", "tickets"])
def test_killed_before_the_commit_keeps_nothing_of_the_batch(history: Shop, name: str) -> None:
    killed(history, "before", name, 2)
    at, rows = position(history, name), copied(history.dsn, name, PROJECTIONS[name].table.key)
    killed(history, "before", name, 1)
    assert position(history, name) == at > 0
    assert copied(history.dsn, name, PROJECTIONS[name].table.key) == rows


@pytest.mark.parametrize("name", ["history", "tickets"])
def test_killed_after_the_commit_keeps_all_of_it(history: Shop, name: str) -> None:
    killed(history, "after", name, 1)
    at = position(history, name)
    assert at > 0
    killed(history, "after", name, 1)
    assert position(history, name) > at


def test_killed_again_and_again_ends_as_if_never_killed(history: Shop) -> None:
    for which, moment in enumerate(("before", "after", "before", "after"), 1):
        for name in ("history", "tickets"):
            killed(history, moment, name, 1 + which % 2)
    history.catch_up()
    survived = contents(history.dsn)
    with connected(history.dsn) as connection:
        events = connection.execute("SELECT count(*) FROM es.events").fetchone()
    assert events is not None
    assert survived["history"].count(b"\n") == events[0]
    fresh = contents_of_a_fresh_fold(history)
    assert survived == fresh


def contents_of_a_fresh_fold(shop: Shop) -> dict[str, bytes]:
    for name in PROJECTIONS:
        rebuild(shop.dsn, name)
    return contents(shop.dsn)
