"""`make bench`: everything in one run, in interleaved rounds, with durable settings.

Two data folders with the same server settings: appends grow one, catching up reads the other, whose
events stay the same from round to round. Medians, spread and ratios are printed and kept as JSON
with facts of the machine.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import structlog

from infra.home import Home
from infra.imports.run import import_file
from infra.product import Product, product
from tests.bench.append import Appends, customers
from tests.bench.catch_up import Runner, one_statement, ours
from tests.bench.lives import live
from tests.bench.rounds import ROUNDS, Rounds, say

EVENTS = 60_000
CALLERS = (1, 16)
PROMISED = "append with three timers, 16 callers"
TABLES = ("tickets", "history")
RUNNER, STATEMENT = "catch-up, library's ProjectionRunner", "catch-up, one SQL statement"
SAMPLES = {"incidents": "incident_event_log.csv.gz", "retail": "online_retail_lines.csv.gz"}


def measured(appending: Product, catching: Product) -> Rounds:
    rounds = Rounds()
    dsn = catching.addresses.database_url
    say("preparing")
    appends, runner = Appends(appending), Runner(dsn)
    events = live(catching, customers(catching, 400), EVENTS)
    for name in TABLES:
        ours(dsn, name, events)
    for turn in range(ROUNDS):
        say(f"round {turn + 1} of {ROUNDS}")
        for callers in CALLERS:
            rounds.note(f"limit, {callers} callers", appends.limit(callers))
            rounds.note(f"append, {callers} callers", appends.ours(callers))
            rounds.note(f"library, {callers} callers", appends.library(callers))
        rounds.note(PROMISED, appends.ours(16, promises=True))
        rounds.note("commands, 16 callers", appends.commands(16))
        rounds.note(RUNNER, runner.rate())
        for name in TABLES:
            rounds.note(f"catch-up, {name}", ours(dsn, name, events))
        rounds.note(STATEMENT, one_statement(dsn, events))
        for kind in SAMPLES:
            rounds.note(f"import, {kind}, rows", import_rate(kind))
    appends.close()
    for callers in CALLERS:
        for other in ("limit", "library"):
            rounds.compare(f"append, {callers} callers", f"{other}, {callers} callers")
    rounds.compare(PROMISED, "append, 16 callers")
    for name in TABLES:
        rounds.compare(f"catch-up, {name}", RUNNER)
        rounds.compare(f"catch-up, {name}", STATEMENT)
    return rounds


def import_rate(kind: str) -> float:
    """Rows a second of the shipped sample, into a data folder of its own."""
    with tempfile.TemporaryDirectory() as folder, product(Home.at(Path(folder))) as running:
        report = import_file(running, kind, Path("demo") / SAMPLES[kind])
        return report.rows / report.seconds


def main(target: Path) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as other,
        product(Home.at(Path(one))) as appending,
        product(Home.at(Path(other))) as catching,
    ):
        measured(appending, catching).keep(target)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "var/bench/bench.json"))
