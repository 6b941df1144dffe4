"""Re-wrapping: every key under the current epoch, in a new table that takes the old one's place.

Rows are copied in order of their key, a batch in each transaction together with how far it is, so
whoever is killed goes on from there. Meanwhile keys are made, announced, restricted and destroyed
in the old table; the system column `xmin` tells which rows changed since the copying began, and
those are copied again, round by round, the last time under a lock that nobody passes. Then the
tables are exchanged. Nothing of the old heap file stays in use.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection

from domain.personal import Category
from domain.refusal import Refused
from infra.record.packed import Bytes, Ints, Texts, Uuids
from infra.vault.alarm import alarm
from infra.vault.epochs import Epochs, bound_to
from infra.vault.keyring import KeyNotAsRecorded, is_committed
from infra.vault.providers import Kek
from infra.vault.watch import EVERYTHING, tell

LOCK = 4726
BATCH = 10_000
FEW = 500
ROUNDS = 20

_SHOWN = "subject, category, generation, epoch, wrapped, commitment"
_FROM_THE_START = f"SELECT {_SHOWN} FROM keys.subject_key ORDER BY 1, 2, 3 LIMIT %(batch)s"
_AFTER = (
    f"SELECT {_SHOWN} FROM keys.subject_key WHERE (subject, category, generation) >"
    " (%(subject)s, %(category)s, %(generation)s) ORDER BY 1, 2, 3 LIMIT %(batch)s"
)
_CHANGED = (
    f"SELECT {_SHOWN} FROM keys.subject_key WHERE age(xmin) <="
    " (SELECT age(since::xid) FROM keys.rewrap)"
)
# The row as it is now, not as it was read: it may have been destroyed in between.
_COPY = """
INSERT INTO keys.subject_key_next (subject, category, generation, state, wrapped, commitment,
  announced, created_at, destroyed_at, epoch)
SELECT k.subject, k.category, k.generation, k.state,
  CASE WHEN k.wrapped IS NOT NULL THEN u.w END, k.commitment, k.announced, k.created_at,
  k.destroyed_at, CASE WHEN k.wrapped IS NOT NULL THEN %s ELSE k.epoch END
FROM unnest(%s, %s, %s, %s) u(s, c, g, w) JOIN keys.subject_key k
  ON k.subject = u.s AND k.category = u.c AND k.generation = u.g
ON CONFLICT DO NOTHING"""
_UNCOPY = """
DELETE FROM keys.subject_key_next n USING unnest(%s, %s, %s) u(s, c, g)
WHERE n.subject = u.s AND n.category = u.c AND n.generation = u.g"""


class RewrapUnderWay(Refused):
    """Another process is re-wrapping the keys."""


class Progress(NamedTuple):
    """`left` in seconds, at the rate so far; None before there is one."""

    done: int
    total: int
    rate: float
    left: float | None


Heard = Callable[[Progress], None]


def rewrap(epochs: Epochs, heard: Heard = lambda _: None, *, batch: int = BATCH) -> int:
    """Wraps every key under the current epoch; how many keys there are.

    Goes on where a killed one stopped. Raises RewrapUnderWay; KeyNotAsRecorded for a key that does
    not unwrap or is not the one its row is committed to, and then the old table stays; what
    `Epochs.kek` raises.
    """
    with epochs.connect() as connection, _alone(connection):
        row = connection.execute("SELECT number FROM keys.epoch WHERE state = 'current'").fetchone()
        target = 0 if row is None else int(row[0])
        kek = epochs.kek(connection, target)
        if not _needed(connection, target):
            return 0
        connection.execute("SELECT keys.rewrap_begin_v1(%s)", (target,))
        work = _Work(connection, epochs, target, kek)
        work.copy_all(batch, heard)
        for _ in range(ROUNDS):
            if work.copy_changed() < FEW:
                break
        return work.exchange()


@contextmanager
def _alone(connection: Connection[Any]) -> Iterator[None]:
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
    if row != (True,):
        raise RewrapUnderWay
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))


def _needed(connection: Connection[Any], target: int) -> bool:
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM keys.subject_key WHERE epoch <> %s AND wrapped IS NOT NULL)"
        " OR EXISTS (SELECT FROM keys.rewrap)",
        (target,),
    ).fetchone()
    return row == (True,)


class _Work:
    def __init__(self, connection: Connection[Any], epochs: Epochs, target: int, kek: Kek) -> None:
        self._connection = connection
        self._epochs = epochs
        self._target = target
        self._kek = kek

    def copy_all(self, batch: int, heard: Heard) -> None:
        row = self._connection.execute(
            "SELECT subject, category, generation, done, total FROM keys.rewrap"
        ).fetchone()
        assert row is not None
        subject, category, generation, done, total = row
        begun, before = time.monotonic(), done
        while True:
            with self._connection.transaction():
                rows = self._connection.execute(
                    _FROM_THE_START if subject is None else _AFTER,
                    {"subject": subject, "category": category, "generation": generation,
                     "batch": batch},
                    binary=True,
                ).fetchall()  # fmt: skip
                if not rows:
                    return
                self._copy(rows)
                subject, category, generation = rows[-1][:3]
                done += len(rows)
                self._connection.execute(
                    "UPDATE keys.rewrap SET subject = %s, category = %s, generation = %s,"
                    " done = %s",
                    (subject, category, generation, done),
                )
            rate = (done - before) / max(time.monotonic() - begun, 1e-9)
            heard(Progress(done, total, rate, max(total - done, 0) / rate if rate else None))

    def copy_changed(self) -> int:
        """Once more what changed since the copying, or the last such round, began; how many. All
        in one view of the database: what changes after that is the next round's."""
        with self._connection.transaction():
            self._connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            rows = self._connection.execute(_CHANGED, binary=True).fetchall()
            self._copy_again(rows)
            self._connection.execute(
                "UPDATE keys.rewrap SET since = pg_snapshot_xmin(pg_current_snapshot())"
            )
        return len(rows)

    def exchange(self) -> int:
        """The last changes, and the new table in the place of the old one, in one transaction."""
        while True:
            try:
                with self._connection.transaction():
                    self._connection.execute("SELECT keys.rewrap_lock_v1()")
                    rows = self._connection.execute(_CHANGED, binary=True).fetchall()
                    self._copy_again(rows)
                    self._connection.execute("SELECT keys.rewrap_swap_v1()")
                    tell(self._connection, EVERYTHING)
            except psycopg.errors.LockNotAvailable:
                time.sleep(0.5)
            else:
                break
        row = self._connection.execute(
            "SELECT count(*) FROM keys.subject_key WHERE wrapped IS NOT NULL"
        ).fetchone()
        assert row is not None
        return int(row[0])

    def _copy_again(self, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            self._connection.execute(_UNCOPY, _names(rows))
            self._copy(rows)

    def _copy(self, rows: Sequence[Sequence[Any]]) -> None:
        wrapped = self._wrapped_anew(rows)
        self._connection.execute(_COPY, (self._target, *_names(rows), Bytes(wrapped)), prepare=True)

    def _wrapped_anew(self, rows: Sequence[Sequence[Any]]) -> list[bytes | None]:
        """The keys of these rows under the target epoch; None for those destroyed."""
        anew: list[bytes | None] = [None] * len(rows)
        for epoch in sorted({row[3] for row in rows if row[4] is not None}):
            those = [n for n, row in enumerate(rows) if row[3] == epoch and row[4] is not None]
            if epoch == self._target:
                for n in those:
                    anew[n] = rows[n][4]
                continue
            old = self._epochs.kek(self._connection, epoch)
            secrets = old.unwrap([(rows[n][4], bound_to(epoch, *rows[n][:3])) for n in those])
            ready = []
            for n, secret in zip(those, secrets, strict=True):
                if secret is None or not is_committed(secret, rows[n][5]):
                    subject, category, generation = rows[n][:3]
                    alarm(
                        self._epochs.connect,
                        "key-commitment",
                        (subject, Category(category), generation),
                    )
                    raise KeyNotAsRecorded(
                        customer=str(subject), category=Category(category), generation=generation
                    )
                ready.append((secret, bound_to(self._target, *rows[n][:3])))
            for n, wrapped in zip(those, self._kek.wrap(ready), strict=True):
                anew[n] = wrapped
        return anew


def _names(rows: Sequence[Sequence[Any]]) -> tuple[Any, Any, Any]:
    return (
        Uuids([row[0] for row in rows]),
        Texts([row[1] for row in rows]),
        Ints([row[2] for row in rows]),
    )
