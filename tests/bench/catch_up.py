"""`make bench`: catching up a read model, exactly once, beside the library's ProjectionRunner.

Both read events of the same bytes and keep one row per ticket, with the position in the same
transaction. Ours reads all there are; the library's runner is timed over SECONDS, for it would take
minutes.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL

from infra.home import Home
from infra.product import product
from infra.projector.running import catch_up
from projections.catalogue import PROJECTIONS
from tests.bench.append import TEXT, customers, prepared

EVENTS, SECONDS = 60_000, 4.0


class Contact(Aggregate):
    def __init__(self, text: str) -> None:
        self.text = text

    @event("Said")
    def say(self, text: str) -> None:
        self.text = text


class Contacts(Application[UUID]):
    name = "contacts"


class View(PostgresTrackingRecorder):
    def __init__(self, datastore: Any, **more: Any) -> None:
        super().__init__(datastore, **more)
        self.sql_create_statements.append(
            SQL("CREATE TABLE IF NOT EXISTS contact_view (id uuid PRIMARY KEY, n int)").format()
        )

    def count(self, contact: UUID, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as db:
            db.execute(
                "INSERT INTO contact_view VALUES (%s, 1)"
                " ON CONFLICT (id) DO UPDATE SET n = contact_view.n + 1",
                (contact,),
            )
            self._insert_tracking(db, tracking)


class Counting(Projection[View]):
    name = "counting"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.count(domain_event.originator_id, tracking)


def library(dsn: str) -> float:
    parts = conninfo_to_dict(dsn)
    env = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(parts["dbname"]),
        "POSTGRES_HOST": str(parts["host"]),
        "POSTGRES_PORT": str(parts["port"]),
        "POSTGRES_USER": str(parts["user"]),
        "POSTGRES_PASSWORD": str(parts["password"]),
    }
    contacts = Contacts(env)
    for _ in range(400):
        contact = Contact(text=TEXT)
        for _ in range(19):
            contact.say(TEXT)
        contacts.save(contact)
    started = time.monotonic()
    with ProjectionRunner(
        application_class=Contacts, projection_class=Counting, view_class=View, env=env
    ) as runner:
        time.sleep(SECONDS)
        done = runner.projection.view.max_tracking_id(Contacts.name) or 0
    return done / (time.monotonic() - started)


def ours(dsn: str, name: str) -> float:
    started = time.monotonic()
    catch_up(dsn, projections={name: PROJECTIONS[name]})
    return EVENTS / (time.monotonic() - started)


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with tempfile.TemporaryDirectory() as folder, product(Home.at(Path(folder))) as running:
        dsn = running.addresses.database_url
        subjects = customers(running, 200)
        for _ in range(EVENTS // 1_000):
            running.record.append(prepared(running, subjects, 1_000))
        theirs = library(dsn)
        print(f"library's ProjectionRunner  {theirs:10,.0f} events/s")  # noqa: T201
        for name in ("customers", "history"):
            rate = ours(dsn, name)
            print(f"{name:26}  {rate:10,.0f} events/s  {rate / theirs:6.1f} x")  # noqa: T201


if __name__ == "__main__":
    main()
