"""The record on PostgreSQL: one function to append, plain selects to read.

Sits under the library's seams (`PostgresApplicationRecorder`), replaces its write path, and never
retries on its own: a lost connection is answered by the command id, not by writing again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import Notification, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row, tuple_row

from domain.event import Event, Header, Recorded
from infra.record.batch import Answer, Known, Outcome, Submission
from infra.record.findable import note_findable
from infra.record.library import Kept, answer_of, one_submission
from infra.record.packed import Bigints, Texts, register
from infra.record.parameters import PARAMETERS, packed
from infra.record.registry import Registry, registry
from infra.record.waking import Waker

HEADER_COLUMNS = ", ".join(Header._fields)
_APPEND = f"SELECT * FROM es.append_v1({', '.join(['%s'] * PARAMETERS)})"
# Raised by es.append_v1 or the server where another process was faster: the same batch again.
RACES = ("DS001", "23505", "40P01", "40001")


class Datastore(PostgresDatastore):
    """The library's pool, each connection in the role given and with our array dumpers."""

    def __init__(self, dsn: str, role: str, pool_size: int = 4, max_overflow: int = 28) -> None:
        self.role = role
        parts = conninfo_to_dict(dsn)
        super().__init__(
            dbname=str(parts.get("dbname", "")),
            host=str(parts.get("host", "")),
            port=str(parts.get("port", "")),
            user=str(parts.get("user", "")),
            password=str(parts.get("password", "")),
            idle_in_transaction_session_timeout=60,
            pool_size=pool_size,
            max_overflow=max_overflow,
            connect_timeout=5.0,
        )

    def after_connect_func(self) -> Callable[[Connection[Any]], None]:
        configure = super().after_connect_func()
        role = self.role

        def after_connect(connection: Connection[Any]) -> None:
            configure(connection)
            connection.execute(f"SET ROLE {role}")
            register(connection)

        return after_connect

    def register_type_adapters(self) -> None:
        """Nothing: arrays are packed, the library's composite types are not used."""


class PostgresRecord(PostgresApplicationRecorder):
    """Appends and reads. `append` takes commands that share no written stream (see
    `batch.split_compatible`) and answers each in order."""

    def __init__(self, dsn: str, *, known: Registry | None = None, pool_size: int = 4) -> None:
        super().__init__(Datastore(dsn, "dossier_writer", pool_size))
        self.registry = known or registry()
        self._waker = Waker(self.connection)

    def create_table(self) -> None:
        """Nothing: the schema belongs to the migrations."""

    def close(self) -> None:
        self._waker.close()
        self.datastore.close()

    def replace_dead_connections(self) -> None:
        """After an outage: those that wait in the pool and no longer answer."""
        self.datastore.pool.check()

    @contextmanager
    def connection(self) -> Iterator[Connection[tuple[Any, ...]]]:
        """A pooled connection in the writer's role. Database errors come as psycopg's own."""
        self.datastore.pool.open()
        with self.datastore.pool.connection() as connection:
            connection.row_factory = tuple_row  # type: ignore[assignment]
            try:
                yield connection  # type: ignore[misc]
            finally:
                connection.row_factory = dict_row

    def append(self, batch: Sequence[Submission]) -> list[Answer]:
        """Raises psycopg errors; of those in RACES the whole batch may be repeated."""
        parameters = packed(batch)
        with self.connection() as connection:
            rows = connection.execute(_APPEND, parameters, prepare=True, binary=True).fetchall()
            if any(submission.findable for submission in batch):
                note_findable(
                    connection,
                    [
                        one
                        for submission, row in zip(batch, rows, strict=True)
                        if row[1] == Outcome.RECORDED
                        for one in submission.findable
                    ],
                )
        self._waker.tell()
        return [Answer(Outcome(code), positions or [], *rest) for _, code, positions, *rest in rows]

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """The library's way in: `Application.save(*entries, **provenance)` ends here."""
        if not stored_events:
            return []
        (answer,) = self.append([one_submission(stored_events, **kwargs)])
        return answer_of(answer)

    def read_stream(self, stream: UUID) -> list[Recorded[Event]]:
        """Every event of a stream, in order. Empty if there is none."""
        with self.connection() as connection:
            return self._recorded(
                connection,
                "SELECT first_position, last_position FROM es.streams WHERE stream = %s",
                stream,
            )

    def _recorded(
        self, connection: Connection[tuple[Any, ...]], bounds: str, stream: UUID
    ) -> list[Recorded[Event]]:
        found = connection.execute(bounds, (stream,), prepare=True).fetchone()
        if found is None:
            return []
        rows = connection.execute(
            f"SELECT {HEADER_COLUMNS}, body FROM es.events"
            " WHERE stream = %s AND position BETWEEN %s AND %s ORDER BY version",
            (stream, *found),
            prepare=True,
            binary=True,
        )
        return [self.recorded(row) for row in rows]

    def recorded(self, row: Sequence[Any]) -> Recorded[Event]:
        """A row of the header columns and the body, as an event that decodes when looked at."""
        return Recorded(Header._make(row[:-1]), row[-1], self.registry.decode)

    def read_positions(self, positions: Sequence[int]) -> list[Recorded[Event]]:
        with self.connection() as connection:
            rows = connection.execute(
                f"SELECT {HEADER_COLUMNS}, body FROM es.events WHERE position = ANY(%s)"
                " ORDER BY position",
                (Bigints(positions),),
                prepare=True,
                binary=True,
            )
            return [self.recorded(row) for row in rows]

    def stream_row(self, stream: UUID) -> tuple[int, str] | None:
        """Version and status of a stream, or None."""
        with self.connection() as connection:
            row = connection.execute(
                "SELECT version, status FROM es.streams WHERE stream = %s", (stream,), prepare=True
            ).fetchone()
        return None if row is None else (row[0], row[1])

    def outside_name(self, source: str, hmac: bytes) -> Known | None:
        """Whom an outside id stands for, by its keyed hash."""
        with self.connection() as connection:
            row = connection.execute(
                "SELECT subject FROM ref.external WHERE source = %s AND hmac = %s",
                (source, hmac),
                prepare=True,
            ).fetchone()
        return None if row is None else Known(row[0])

    def processed(self, command_id: UUID) -> tuple[bytes, list[int]] | None:
        """Fingerprint and positions of a command that was recorded, while that is remembered."""
        with self.connection() as connection:
            row = connection.execute(
                "SELECT fingerprint, positions FROM es.command WHERE command_id = %s",
                (command_id,),
                prepare=True,
            ).fetchone()
        return None if row is None else (bytes(row[0]), row[1])

    def before_deciding(self, command_id: UUID) -> tuple[int, tuple[bytes, list[int]] | None]:
        """How often the rules have changed by now (a number that grows), and what `processed` says,
        in one round trip."""
        with self.connection() as connection:
            row = connection.execute(
                "SELECT r.changes, c.fingerprint, c.positions FROM es.rules_changed r"
                " LEFT JOIN es.command c ON c.command_id = %s",
                (command_id,),
                prepare=True,
            ).fetchone()
        assert row is not None
        return row[0], None if row[1] is None else (bytes(row[1]), row[2])

    def rules_changed(self) -> int:
        """How often the rules have changed by now."""
        with self.connection() as connection:
            row = connection.execute("SELECT changes FROM es.rules_changed").fetchone()
        assert row is not None
        return int(row[0])

    def read_kind(self, kind: str) -> list[Recorded[Event]]:
        """Every event of the streams of a kind of rules, stream by stream; of other kinds none."""
        with self.connection() as connection:
            found = connection.execute(
                "SELECT stream FROM es.streams WHERE kind = %s"
                " AND kind IN ('policy', 'calendar', 'service_calendars') ORDER BY stream",
                (kind,),
            ).fetchall()
            return [
                recorded
                for (stream,) in found
                for recorded in self._recorded(
                    connection,
                    "SELECT first_position, last_position FROM es.streams WHERE stream = %s",
                    stream,
                )
            ]

    def read_after(self, position: int, limit: int) -> list[Recorded[Event]]:
        """Events above a position and at or below the watermark, in order of position."""
        with self.connection() as connection:
            watermark = connection.execute("SELECT es.watermark_v1()").fetchone()
            assert watermark is not None
            rows = connection.execute(
                f"SELECT {HEADER_COLUMNS}, body FROM es.events"
                " WHERE position > %s AND position <= %s ORDER BY position LIMIT %s",
                (position, watermark[0], limit),
                prepare=True,
                binary=True,
            )
            return [self.recorded(row) for row in rows]

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        recorded = [
            r
            for r in self.read_stream(UUID(str(originator_id)))
            if (gt is None or r.header.version > gt) and (lte is None or r.header.version <= lte)
        ]
        ordered = recorded[::-1] if desc else recorded
        return [Kept.of(r) for r in (ordered if limit is None else ordered[:limit])]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        after = (start or 0) - (1 if inclusive_of_start or start is None else 0)
        with self.connection() as connection:
            watermark = connection.execute("SELECT es.watermark_v1()").fetchone()
            assert watermark is not None
            rows = connection.execute(
                "SELECT position, stream, version, type, body FROM es.events"
                " WHERE position > %s AND position <= least(%s::bigint, %s)"
                " AND (cardinality(%s) = 0 OR type = ANY(%s)) ORDER BY position LIMIT %s",
                (after, stop, watermark[0], Texts(topics), Texts(topics), limit),
            ).fetchall()
        return [
            Notification(
                id=p, originator_id=s, originator_version=v, topic=t, state=bytes(b or b"")
            )
            for p, s, v, t, b in rows
        ]

    def max_notification_id(self) -> int | None:
        with self.connection() as connection:
            watermark = connection.execute("SELECT es.watermark_v1()").fetchone()
        assert watermark is not None
        return watermark[0] or None


def is_race(fault: psycopg.Error) -> bool:
    """Whether the same batch should simply be tried again: another process was faster."""
    return fault.sqlstate in RACES
