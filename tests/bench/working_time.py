"""How long a due time takes to work out: 40 business hours, over calendars that ship and hard ones.

Triggers are drawn over two years, the windows of which are known after the first of them; what the
first one costs is measured apart. Medians in microseconds, and the slowest of the calendars against
what is promised; exit code 1 above that.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.opening_hours import Calendar
from domain.working_time import due
from infra.policies import shipped_rulebook
from tests.bench.rounds import ROUNDS, Rounds, say

TARGET = timedelta(hours=40)
PROMISED = 60.0
"""Microseconds, median."""
TRIGGERS = 2_000
START = datetime(2025, 1, 1, tzinfo=UTC)


def calendars() -> dict[str, Calendar]:
    shipped = shipped_rulebook().calendars
    lunch = [(540, 720), (780, 1080)]
    night = [(1320, 360)]
    return {
        "China, holidays and make-up days": shipped["CN"],
        "Germany, clock changes": shipped["DE"],
        "two windows a day, New York": Calendar(
            id="lunch", version=1, zone="America/New_York", weekly=[lunch] * 5 + [[], []]
        ),
        "nights, Lord Howe": Calendar(
            id="night", version=1, zone="Australia/Lord_Howe", weekly=[night] * 7
        ),
        "an hour on Mondays, Cairo": Calendar(
            id="rare", version=1, zone="Africa/Cairo", weekly=[[(540, 600)]] + [[]] * 6
        ),
    }


def triggers() -> list[datetime]:
    chance = random.Random(40)
    return [START + timedelta(seconds=chance.randrange(2 * 365 * 86_400)) for _ in range(TRIGGERS)]


def microseconds(calendar: Calendar, at: datetime) -> float:
    began = time.perf_counter_ns()
    due(calendar, at, TARGET)
    return (time.perf_counter_ns() - began) / 1000


def main(target: Path) -> int:
    rounds = Rounds("us")
    drawn = triggers()
    named = calendars()
    for name, calendar in named.items():
        rounds.note(f"first, {name}", microseconds(calendar, drawn[0]))
        for at in drawn:
            due(calendar, at, TARGET)
    for turn in range(ROUNDS):
        say(f"round {turn + 1} of {ROUNDS}")
        for name, calendar in named.items():
            rounds.note(name, statistics.median(microseconds(calendar, at) for at in drawn))
    rounds.keep(target)
    slowest = max(rounds.median(name) for name in named)
    say(f"the slowest median: {slowest:.1f} us (at most {PROMISED:.0f})")
    return 0 if slowest <= PROMISED else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "var/bench/working_time.json")))
