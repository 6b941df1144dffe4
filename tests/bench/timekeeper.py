"""Noting and listing among many running promises: `python -m tests.bench.timekeeper`.

100,000 promises run, with BENCH_LARGE=1 a million. How long after its due time a breach is on
record, with the product's own projector and timekeeper at work; and the first page of the breach
list beside the bare SELECT of the same rows by the index. Medians, spread and ratios; kept as JSON;
exit code 1 where a promise of the product does not hold.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import structlog
from psycopg import Connection

from infra.home import Home
from infra.product import Product, now, product
from infra.projector.running import catch_up
from queries.breaches_as_of import breaches_as_of
from tests.bench.rounds import ROUNDS, Rounds, say
from tests.timekeeper.promised import HOUR, breaches, cases, keeping_time, promise, until

PROMISES = 1_000_000 if os.environ.get("BENCH_LARGE") == "1" else 100_000
BROKEN, CHUNK, PAGE, ASKED = 2_000, 20_000, 50, 60
LATEST, RATIO = 1_000.0, 2.0
BARE = (
    "SELECT timer, stream, kind, customer, market, channel, team, tier, metric, rule, clause,"
    " policy, due_at, fulfilled_at FROM read.sla_timers"
    " WHERE (breached_at IS NOT NULL OR state = 'running') AND due_at < %s"
    " ORDER BY due_at, timer LIMIT %s"
)


def prepared(running: Product) -> None:
    """So many that run, and some thousand that were broken and noted."""
    due = now() - HOUR
    cases(running, [promise(due + timedelta(seconds=n / 2)) for n in range(BROKEN)])
    for n in range(0, PROMISES, CHUNK):
        later = now() + 0.9 * HOUR
        count = min(CHUNK, PROMISES - n)
        cases(running, [promise(later + timedelta(milliseconds=m)) for m in range(count)])
        say(f"  {n + count:,} promises recorded")
    catch_up(running.addresses.database_url)


def late(running: Product, db: Connection[Any]) -> float:
    """Milliseconds from the due time to the record, of a promise that falls due in two seconds."""
    due = now() + timedelta(seconds=2)
    (ticket,) = cases(running, [promise(due)])
    until(lambda: noted_at(db, ticket) is not None, 60)
    at = noted_at(db, ticket)
    assert at is not None
    return float((at - due).total_seconds() * 1_000)


def noted_at(db: Connection[Any], ticket: UUID) -> Any:
    row = db.execute(
        "SELECT recorded_at FROM es.events WHERE stream = %s AND type = 'SlaBreached'", (ticket,)
    ).fetchone()
    return row and row[0]


def milliseconds(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(ASKED):
        ask()
    return (time.perf_counter() - began) * 1_000 / ASKED


def measured(running: Product, db: Connection[Any]) -> Rounds:
    rounds = Rounds("ms")
    say("preparing")
    prepared(running)
    with keeping_time(running):
        until(lambda: breaches(running) >= BROKEN, 120)
        db.execute("RESET ROLE")
        db.execute("VACUUM ANALYZE")
        for turn in range(ROUNDS):
            say(f"round {turn + 1} of {ROUNDS}")
            rounds.note("noted after its due time", late(running, db))
            bare = milliseconds(lambda: db.execute(BARE, (now(), PAGE)).fetchall())
            rounds.note("bare indexed SELECT, a page", bare)
            page = milliseconds(lambda: breaches_as_of(db, now(), limit=PAGE))
            rounds.note("breach list, first page", page)
    rounds.compare("breach list, first page", "bare indexed SELECT, a page")
    return rounds


def main(target: Path) -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with (
        tempfile.TemporaryDirectory() as folder,
        product(Home.at(Path(folder))) as running,
        psycopg.connect(running.addresses.database_url, autocommit=True) as db,
    ):
        rounds = measured(running, db)
    rounds.keep(target)
    latest = max(rounds.figures["noted after its due time"])
    (ratio,) = rounds.ratios.values()
    say(f"{PROMISES:,} promises ran; the latest was noted after {latest:,.0f} ms (at most 1,000)")
    return 0 if latest <= LATEST and ratio <= RATIO else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "var/bench/timekeeper.json")))
