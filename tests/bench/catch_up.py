"""Catching up a read model, exactly once, beside the library's runner and beside one SQL statement.

All read events of the same bodies and keep one row per ticket, with the position in the same
transaction. Ours is the product's own table of tickets (40 columns) and its history (a row per
event); the library's keeps a count, the statement some aggregates. The library's runner is timed
over SECONDS, for it would take minutes.
"""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL

from infra.projector import rebuild

SECONDS = 2.5
SAVED = 8_000
EVENTS_OF_ONE = 20
TEXT = "x" * 180
"""As long as a body of ours is on average."""

ALL_PARSED = """
INSERT INTO public.limit_view
SELECT stream, count(*), max(position), count(DISTINCT doc ->> 'staff'),
       (array_agg(doc ->> 'owner' ORDER BY position DESC) FILTER (WHERE doc ? 'owner'))[1],
       min(at) FILTER (WHERE type = 'FirstResponseSent'), max(at), max(doc ->> 'text')
FROM (SELECT stream, position, type, at, convert_from(body, 'UTF8')::jsonb AS doc FROM es.events
      WHERE kind = 'ticket' AND position <= (SELECT position FROM es.watermark)) e
GROUP BY stream
"""


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


class Runner:
    """The library's: an application with SAVED events, and a projection of them."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        parts = conninfo_to_dict(dsn)
        self._env = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            **{
                f"POSTGRES_{ours}": str(parts[theirs])
                for ours, theirs in (
                    ("DBNAME", "dbname"),
                    ("HOST", "host"),
                    ("PORT", "port"),
                    ("USER", "user"),
                    ("PASSWORD", "password"),
                )
            },
        }
        contacts = Contacts(self._env)
        for _ in range(SAVED // EVENTS_OF_ONE):
            contact = Contact(text=TEXT)
            for _ in range(EVENTS_OF_ONE - 1):
                contact.say(TEXT)
            contacts.save(contact)

    def rate(self) -> float:
        """Events a second, from the first one on."""
        with psycopg.connect(self._dsn, autocommit=True) as admin:
            for (name,) in admin.execute(
                "SELECT tablename FROM pg_tables"
                " WHERE tablename = 'contact_view' OR tablename LIKE 'counting%'"
            ).fetchall():
                admin.execute(f"DROP TABLE public.{name}")
        started = time.monotonic()
        with ProjectionRunner(
            application_class=Contacts, projection_class=Counting, view_class=View, env=self._env
        ) as runner:
            time.sleep(SECONDS)
            done = runner.projection.view.max_tracking_id(Contacts.name) or 0
        return done / (time.monotonic() - started)


def ours(dsn: str, name: str, events: int) -> float:
    """A build from the first event to the switch, indexes for readers included."""
    started = time.monotonic()
    rebuild(dsn, name)
    return events / (time.monotonic() - started)


def one_statement(dsn: str, events: int) -> float:
    """One INSERT that parses every body as jsonb, durable."""
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute(
            "CREATE TABLE IF NOT EXISTS public.limit_view"
            " (stream uuid PRIMARY KEY, events bigint, last bigint, staff bigint, owner text,"
            " answered_at timestamptz, last_at timestamptz, said text)"
        )
        admin.execute("TRUNCATE public.limit_view")
        started = time.monotonic()
        admin.execute(ALL_PARSED)
        return events / (time.monotonic() - started)
