"""Who waits for the trail is woken one by one; whoever has left holds up nobody behind them."""

from __future__ import annotations

import threading
import time
from itertools import pairwise
from random import Random

import pytest

from infra.gate.trail import _Waiting


def chained(count: int) -> list[_Waiting]:
    group = [_Waiting([]) for _ in range(count)]
    for one, following in pairwise(group):
        one.then(following)
    return group


def test_each_wakes_the_next() -> None:
    first, second, third = chained(3)
    first.wake()
    assert not second.wait(0.01), "not before the first has been woken"
    first, second, third = chained(3)
    first.wake()
    assert [w.wait(1) for w in (first, second, third)] == [True] * 3


@pytest.mark.parametrize("leaving", [{0}, {1}, {2}, {0, 1}, {1, 2}, {0, 1, 2}])
def test_whoever_left_is_passed_over(leaving: set[int]) -> None:
    group = chained(3)
    for n in leaving:
        assert not group[n].wait(0)
    group[0].wake()
    assert [w.wait(1) for n, w in enumerate(group) if n not in leaving] == [True] * (
        3 - len(leaving)
    )


@pytest.mark.parametrize("seed", range(20))
def test_whoever_leaves_at_the_very_moment_breaks_no_chain(seed: int) -> None:
    chance = Random(seed)
    group = chained(60)
    patience = [chance.choice([0.02, 0.02, 5.0]) for _ in group]
    answers: list[bool | None] = [None] * len(group)

    def wait(n: int) -> None:
        answers[n] = group[n].wait(patience[n])

    threads = [threading.Thread(target=wait, args=(n,)) for n in range(len(group))]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    time.sleep(0.02)
    group[0].wake()
    for thread in threads:
        thread.join(6)
    assert None not in answers
    assert [answers[n] for n in range(len(group)) if patience[n] > 1] == [True] * sum(
        p > 1 for p in patience
    )
    assert time.monotonic() - began < 4, "nobody waits out their patience behind one who left"
