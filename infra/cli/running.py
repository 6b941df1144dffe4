"""Starting things: `up`, `worker`, `demo`, `import`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from threading import Event

    from infra.imports.run import Report
    from infra.product import Product
    from infra.queue.commands import CommandQueue

SAMPLES = {
    "retail": "online_retail_lines.csv.gz",
    "incidents": "incident_event_log.csv.gz",
    "complaints": "cfpb_complaints.csv.gz",
    "conversations": "helpdesk_conversations.csv.gz",
}
STANDING_BY_SECONDS = 1.0
DEMO_SCHEME, DEMO_QUARTER_END = "retail", date(2011, 9, 30)
DEMO_REVIEWER = "system:tier-review", "system"
BY_DAY_ONLY = (
    "No breach: of these complaints only the days are known, and a promise counted in hours or"
    " minutes starts at a time of day."
)


def add_to(app: typer.Typer) -> None:
    app.command("up")(up)
    app.command("worker")(worker)
    app.command("demo")(demo)
    app.command("import")(import_one)


def up() -> None:
    """Runs the product until Ctrl-C: servers, read models, queue, HTTP."""
    from infra.cli.opened import opened, stop_signal
    from infra.publication.shipping import ship

    with opened() as running:
        ship(running.dispatcher)
        stop = stop_signal()
        with doors(running):
            stand_by(running, stop)


def worker() -> None:
    """Works the queue and keeps the read models up to date until Ctrl-C; no HTTP."""
    from infra.cli.opened import opened, stop_signal
    from infra.cli.showing import console

    with opened() as running:
        stop = stop_signal()
        with working_behind(running):
            console.print("ready")
            stand_by(running, stop)


def demo() -> None:
    """Imports the samples, shows what they come to, and runs the product until Ctrl-C.

    A second run adds nothing. DEMO_ONCE=1 stops after printing.
    """
    from infra.cli.keeping import bring_up_to_date
    from infra.cli.opened import opened, stop_signal
    from infra.cli.tiers import evaluate_tiers
    from infra.dispatch import Caller

    with opened() as running:
        reports = {
            kind: imported(running, kind, Path(__file__).parents[2] / "demo" / name)
            for kind, name in SAMPLES.items()
        }
        bring_up_to_date(running)
        evaluate_tiers(running, DEMO_SCHEME, DEMO_QUARTER_END, Caller(*DEMO_REVIEWER))
        bring_up_to_date(running)
        show(running, reports)
        stop = stop_signal()
        with doors(running):
            if os.environ.get("DEMO_ONCE") != "1":
                stand_by(running, stop)


def import_one(kind: str, file: Path) -> None:
    """Imports a file: retail, incidents, complaints or conversations. Again adds nothing."""
    from infra.cli.opened import opened

    with opened() as running:
        imported(running, kind, file)


def imported(running: Product, kind: str, file: Path) -> Report:
    from infra.cli.showing import console, progress
    from infra.imports.run import import_file

    with progress(f"importing {kind}") as tell:
        report = import_file(
            running,
            kind,
            file,
            lambda p: tell(p.done, p.total, f"{p.stage}, {p.rows:,} rows", p.rate),
        )
    line = (
        f"{kind}: {report.rows:,} rows; {report.recorded:,} cases new,"
        f" {report.extended:,} extended, {report.unchanged:,} unchanged;"
        f" {report.customers:,} customers, {report.events:,} events"
    )
    console.print(line)
    if report.rejected:
        console.print(f"  {report.rejected:,} rows rejected: {report.reject_file}")
    return report


def show(running: Product, reports: dict[str, Report]) -> None:
    import psycopg

    from infra.cli.asking import facts_about, print_breaches
    from infra.cli.showing import console
    from infra.cli.telling_history import print_facts
    from infra.cli.tiers import print_tiers

    with psycopg.connect(running.addresses.database_url) as db:
        console.rule("tier view")
        print_tiers(db)
        console.rule("breaches as of the last fact of each file")
        for kind, report in reports.items():
            if report.horizon is not None and kind in ("incidents", "complaints", "conversations"):
                console.print(f"{report.file}, zone as in demo/README.md:")
                complaints = kind == "complaints"
                shown = print_breaches(
                    db,
                    report.horizon,
                    "complaint" if complaints else "ticket",
                    limit=8,
                    source=None if complaints else kind,
                )
                if complaints and not shown:
                    console.print(BY_DAY_ONLY)
        console.rule("one customer")
        row = db.execute(
            "SELECT customer FROM read.tier_view WHERE tier = 'core' ORDER BY customer LIMIT 1"
        ).fetchone()
        if row is not None:
            print_facts(row[0], facts_about(db, row[0], limit=12))


def stand_by(running: Product, stop: Event) -> None:
    """Until told to stop. A server of ours that was killed is started again.

    Raises ServerProblem when the process that ran the servers has ended: what is left would answer
    nobody.
    """
    from infra.servers.owner import served
    from infra.servers.problem import ServerProblem

    while not stop.wait(STANDING_BY_SECONDS):
        if running.addresses.revive():
            running.replace_dead_connections()
        if not (running.addresses.owner or served(running.home)):
            raise ServerProblem("the process that ran the servers of this data folder has ended")


@contextmanager
def working_behind(running: Product) -> Iterator[CommandQueue]:
    """As long as the block runs, read models are kept up to date, what falls due is noted, the
    queue is worked, privacy requests are carried out, and old commands are forgotten."""
    import threading

    from infra.erasure.running import keep_at_it
    from infra.projector.running import Projector
    from infra.queue.worker import command_queue, working
    from infra.record.keeper import keep
    from infra.timekeeper.running import Timekeeper

    stop = threading.Event()
    projector, timekeeper = Projector(running.addresses.database_url), Timekeeper(running)
    threads = [
        threading.Thread(target=projector.run, args=(stop,), name="projector", daemon=True),
        threading.Thread(target=timekeeper.run, args=(stop,), name="timekeeper", daemon=True),
        threading.Thread(target=keep_at_it, args=(running, stop), name="erasures", daemon=True),
        threading.Thread(target=keep, args=(running.record, stop), name="keeper", daemon=True),
    ]
    for thread in threads:
        thread.start()
    queue = command_queue(running)
    try:
        with working(queue):
            yield queue
    finally:
        stop.set()
        queue.close()
        for thread in threads:
            thread.join(10)


@contextmanager
def doors(running: Product) -> Iterator[None]:
    """Read models kept up to date, queue worked, HTTP open; addresses printed."""
    from infra.analyst import analyst_dsn
    from infra.cli.showing import console
    from infra.http.app import application
    from infra.http.listening import listening
    from infra.identity.installation import admin_token
    from infra.servers.owner import announce

    token = admin_token(running.home, running.record.connection)
    analyst = analyst_dsn(running.home, running.addresses.database_url)
    with (
        working_behind(running) as queue,
        listening(application(running, queue)) as address,
    ):
        if running.addresses.owner:
            announce(running.home, api_url=address)
        if running.keys_missing:
            console.print(f"nothing personal can be opened: {running.keys_missing}")
        console.print(
            f"ready\n  API        {address}\n  docs       {address}/docs\n"
            f"  token      {token}\n  analysts   {analyst}\n"
            f"  keys       {running.home.keys} (back them up apart from the database)",
            soft_wrap=True,
        )
        yield
