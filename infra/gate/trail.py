"""The trail of access: rows that are durable before anything is released.

Concurrent requests share a transaction, as commands do (`infra/record/group.py`). Here one thread
writes for all instead of one of the callers: each caller keeps to its own patience whatever the
database does, because a locked table or a stopped server must answer "not now", not hang. The
thread has a connection of its own, so neither waits for the pool of the other reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, Protocol

import psycopg
from psycopg import Connection
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format

from infra.gate.access import INSERT, ROW_TYPES, Access, array_of, packed

PATIENCE = 1.8
"""Seconds a caller waits for its row. The promise is an answer within two."""
STATEMENT_MS, LOCK_MS, CONNECT_S = 1500, 1000, 2
INSERTING = b"note"
BATCH = 40
"""Rows of so many callers go at once. A third of a busy house, so that the others work while
these are written: one batch of all would have the process and the database wait for each other."""


class TrailUnavailable(Exception):
    """The access could not be recorded, so nothing was opened."""


class Trail(Protocol):
    def note(self, rows: Sequence[Access]) -> None:
        """Durable when it returns, all of them or none. Raises TrailUnavailable."""

    def close(self) -> None:
        """Takes nothing more."""


class _Waiting:
    """A caller and its rows. Whoever is answered wakes the next: woken all at once, they would
    only stand in line for the interpreter. `left`: the caller has lost patience."""

    __slots__ = ("_answered", "_next", "fault", "left", "rows")

    def __init__(self, rows: Sequence[bytes]) -> None:
        self.rows = rows
        self.fault: BaseException | None = None
        self.left = False
        self._answered = Lock()
        self._answered.acquire()
        self._next: _Waiting | None = None

    def wait(self, patience: float) -> bool:
        """Whether it was answered in time."""
        if not self._answered.acquire(timeout=patience):
            self.left = True
            if not self._answered.acquire(blocking=False):
                return False
        if self._next is not None:
            self._next.wake()
        return True

    def wake(self) -> None:
        """Wakes this one, or the next that has not left. Of the one who leaves and the one who
        wakes, whoever gets hold of the answer passes it on."""
        waiting: _Waiting | None = self
        while waiting is not None:
            waiting._answered.release()
            if not waiting.left or not waiting._answered.acquire(blocking=False):
                return
            waiting = waiting._next

    def then(self, following: _Waiting) -> None:
        self._next = following


class PostgresTrail:
    """`queue`: how many may wait; more are turned away at once."""

    def __init__(
        self, dsn: str, *, role: str = "dossier_writer", patience: float = PATIENCE,
        queue: int = 4096,
    ) -> None:  # fmt: skip
        self._dsn = dsn
        self._role = role
        self._patience = patience
        self._limit = queue
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._starting = Lock()
        self._writer: Thread | None = None
        self._closed = False
        self._connection: Connection[Any] | None = None
        self._row_type = 0

    def note(self, rows: Sequence[Access]) -> None:
        """A caller that lost patience may still find its row written later: the trail then says
        more than was opened, never less."""
        if self._closed or self._queue.qsize() >= self._limit:
            raise TrailUnavailable
        if self._writer is None:
            self._start()
        mine = _Waiting([packed(row) for row in rows])
        self._queue.put(mine)
        if not mine.wait(self._patience):
            raise TrailUnavailable
        if mine.fault is not None:
            raise TrailUnavailable from mine.fault

    def close(self) -> None:
        with self._starting:
            self._closed = True
            if self._writer is not None:
                self._queue.put(None)
                self._writer.join(self._patience)
                self._writer = None

    def _start(self) -> None:
        with self._starting:
            if self._writer is None and not self._closed:
                self._writer = Thread(target=self._write_all, name="trail", daemon=True)
                self._writer.start()

    def _write_all(self) -> None:
        while (first := self._queue.get()) is not None:
            group = [first]
            closing = self._gather(group)
            group = [waiting for waiting in group if not waiting.left]
            if group:
                self._write(group)
                for waiting, following in pairwise(group):
                    waiting.then(following)
                group[0].wake()
            if closing:
                break
        self._drop()

    def _gather(self, group: list[_Waiting]) -> bool:
        """Whether the end was among what waited."""
        while len(group) < BATCH:
            try:
                waiting = self._queue.get_nowait()
            except Empty:
                return False
            if waiting is None:
                return True
            group.append(waiting)
        return False

    def _write(self, group: Sequence[_Waiting]) -> None:
        try:
            self._insert([row for waiting in group for row in waiting.rows])
        except psycopg.OperationalError as fault:
            self._drop()
            self._blame(group, fault)
        except psycopg.Error as fault:
            if len(group) > 1 and isinstance(fault, psycopg.DataError | psycopg.IntegrityError):
                for waiting in group:  # one row that does not fit fails nobody else
                    self._write([waiting])
            else:
                self._blame(group, fault)
        except BaseException as fault:  # noqa: BLE001 - it belongs to the callers, who wait
            self._drop()
            self._blame(group, fault)

    def _blame(self, group: Sequence[_Waiting], fault: BaseException) -> None:
        for waiting in group:
            waiting.fault = fault

    def _insert(self, rows: Sequence[bytes]) -> None:
        """One call of libpq that waits once. psycopg's own ways wait several times in a batch, and
        after each wait the writer stands in line for the interpreter behind all it answers."""
        if self._connection is None or self._connection.closed:
            self._connection = self._connected()
        pgconn = self._connection.pgconn
        result = pgconn.exec_prepared(INSERTING, [array_of(rows, self._row_type)], [Format.BINARY])
        if result.status != ExecStatus.COMMAND_OK:
            if pgconn.status != ConnStatus.OK:
                raise psycopg.OperationalError("the connection of the trail was lost")
            raise error_from_result(result)

    def _connected(self) -> Connection[Any]:
        connection = psycopg.connect(
            self._dsn,
            autocommit=True,
            application_name="dossier trail",
            connect_timeout=CONNECT_S,
            keepalives_idle=2,
            keepalives_interval=1,
            keepalives_count=2,
            tcp_user_timeout=CONNECT_S * 1000,
        )
        connection.execute(f"SET ROLE {self._role}")
        connection.execute(f"SET statement_timeout = {STATEMENT_MS}")
        connection.execute(f"SET lock_timeout = {LOCK_MS}")
        connection.execute("SET synchronous_commit = on")
        types = connection.execute(ROW_TYPES).fetchone()
        assert types is not None
        array_type, self._row_type = types
        prepared = connection.pgconn.prepare(INSERTING, INSERT.encode(), [array_type])
        if prepared.status != ExecStatus.COMMAND_OK:
            connection.close()
            raise error_from_result(prepared)
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class MemoryTrail:
    def __init__(self) -> None:
        self.rows: list[Access] = []

    def note(self, rows: Sequence[Access]) -> None:
        self.rows += rows

    def close(self) -> None:
        """Nothing is held."""
