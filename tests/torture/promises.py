"""`python -m tests.torture.promises`: the promise engine against counting minutes, 10,000 stories
of up to a fortnight and 200 of up to 400 days. Ends with 1 at a difference, and shows it."""

from __future__ import annotations

import sys
import time

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.domain.test_promises_by_the_minute import compare, stories

CAMPAIGNS = ((14 * 1440, 10_000), (400 * 1440, 200))
EVERY = 2.0


def campaign(horizon: int, number: int) -> None:
    """Raises AssertionError with the smallest story that differs."""
    begun = told = time.monotonic()
    done = 0

    @settings(
        max_examples=number,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(stories(horizon), st.just(horizon))
    def same(story: object, horizon: int) -> None:
        nonlocal done, told
        slow, fast = compare(story, horizon)  # type: ignore[arg-type]
        assert fast == slow, f"counting minutes: {slow}, the engine: {fast}"
        done += 1
        if time.monotonic() - told > EVERY:
            told = time.monotonic()
            rate = done / (told - begun)
            left = (number - done) / rate
            sys.stderr.write(f"{done:,} of {number:,}, {rate:.0f}/s, {left:.0f} s left\n")

    same()
    days = horizon // 1440
    sys.stdout.write(
        f"{done:,} stories of up to {days} days: no difference, {time.monotonic() - begun:.0f} s\n"
    )


if __name__ == "__main__":
    for horizon, number in CAMPAIGNS:
        campaign(horizon, number)
