"""The watch: how a process learns that a key was restricted or destroyed, or that it cannot learn.

Whoever changes keys tells it by NOTIFY in the same transaction. Every process that keeps opened
keys holds a connection that listens, and asks the server something over it every second. What was
committed before that question was put arrives with its answer or earlier. So a process may use
what it keeps for LEASE seconds after it put the last question that was answered: LEASE seconds
after a key was destroyed nobody opens anything with it, whether the news came or the connection
was cut.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import Connection

CHANNEL = "dossier_keys"
EVERYTHING = "*"
BEAT = 1.0
LEASE = 3.0


def tell(connection: Connection[Any], whom: UUID | str) -> None:
    """With the transaction's commit: this subject's keys, or EVERYTHING, have changed."""
    connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, str(whom)))


class Watch:
    """Listens in a thread of its own, from the first `live` on. `changed` is called with a subject
    or with EVERYTHING, also whenever the connection had to be made anew."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._until = 0.0
        self._changed: Callable[[UUID | str], None] = lambda _: None
        self._stop = threading.Event()
        self._first = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._connection: Connection[Any] | None = None

    def on_change(self, changed: Callable[[UUID | str], None]) -> None:
        self._changed = changed

    def live(self) -> bool:
        """Whether everything committed up to LEASE seconds ago is known here."""
        if time.monotonic() < self._until:
            return True
        if not self._first.is_set():
            with self._starting:
                if self._thread is None and not self._stop.is_set():
                    self._thread = threading.Thread(target=self._run, name="keys", daemon=True)
                    self._thread.start()
            self._first.wait(LEASE)
        return time.monotonic() < self._until

    def backend(self) -> int | None:
        """The server process that serves this watch; None while there is none."""
        connection = self._connection
        return None if connection is None or connection.closed else connection.info.backend_pid

    def close(self) -> None:
        self._stop.set()
        self._first.set()
        if self._thread is not None:
            self._thread.join(BEAT + LEASE)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except psycopg.Error:
                self._until = 0.0
                self._first.set()
                self._stop.wait(0.2)
        self._until = 0.0

    def _listen(self) -> None:
        with psycopg.connect(
            self._dsn,
            autocommit=True,
            connect_timeout=2,
            tcp_user_timeout=2_000,
            keepalives_idle=1,
            keepalives_interval=1,
            keepalives_count=2,
        ) as connection:
            self._connection = connection
            connection.execute(f"LISTEN {CHANNEL}")
            if not _hears(connection):
                raise psycopg.OperationalError("notifications do not come through")
            self._changed(EVERYTHING)
            while not self._stop.is_set():
                put = time.monotonic()
                connection.execute("SELECT 1")
                for news in connection.notifies(timeout=0):
                    self._changed(_whom(news.payload))
                self._until = put + LEASE
                self._first.set()
                self._wait(connection)

    def _wait(self, connection: Connection[Any]) -> None:
        """Until the next beat is due, taking in news at once."""
        due = time.monotonic() + BEAT
        while (left := due - time.monotonic()) > 0 and not self._stop.is_set():
            for news in connection.notifies(timeout=min(left, 0.1), stop_after=1):
                self._changed(_whom(news.payload))


def _hears(connection: Connection[Any]) -> bool:
    """Whether news come through at all: behind a pooler that shares connections they do not."""
    own = f"{CHANNEL}_{uuid4().hex}"
    connection.execute(f"LISTEN {own}")
    connection.execute("SELECT pg_notify(%s, '')", (own,))
    heard = any(news.channel == own for news in connection.notifies(timeout=1.0, stop_after=1))
    connection.execute(f"UNLISTEN {own}")
    return heard


def _whom(payload: str) -> UUID | str:
    """What is no subject concerns everybody: too much is dropped rather than too little."""
    try:
        return UUID(payload)
    except ValueError:
        return EVERYTHING
