"""Waking whoever follows the record, after a commit and beside it.

A word costs a transaction of its own and is sent by a thread of its own, at most every PAUSE; no
append waits for it. Nothing rests on it: a follower that missed it reads a moment later.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from threading import Event as Signal
from threading import Lock, Thread
from typing import Any

import psycopg
from psycopg import Connection
from psycopg_pool import PoolClosed, PoolTimeout

CHANNEL = "dossier_recorded"
PAUSE = 0.02
LEAVE = 2.0


class Waker:
    """`connect` gives a connection for a moment. The thread starts with the first word."""

    def __init__(self, connect: Callable[[], AbstractContextManager[Connection[Any]]]) -> None:
        self._connect = connect
        self._news, self._stop = Signal(), Signal()
        self._lock = Lock()
        self._thread: Thread | None = None

    def tell(self) -> None:
        """Something was committed. Returns at once."""
        self._news.set()
        if self._thread is None:
            with self._lock:
                if self._thread is None and not self._stop.is_set():
                    self._thread = Thread(target=self._run, name="waker", daemon=True)
                    self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._news.set()
        if self._thread is not None:
            self._thread.join(LEAVE)

    def _run(self) -> None:
        while self._news.wait() and not self._stop.is_set():
            self._news.clear()
            with (
                suppress(psycopg.Error, PoolClosed, PoolTimeout),
                self._connect() as connection,
            ):
                connection.execute(f"NOTIFY {CHANNEL}")
            self._stop.wait(PAUSE)
