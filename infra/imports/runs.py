"""Import runs as they stand in `ref.import_run`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from infra.record.postgres import PostgresRecord


def unfinished(record: PostgresRecord, source: str, file_sha256: str) -> UUID | None:
    """The run of this file that was begun and never closed."""
    with record.connection() as connection:
        row: tuple[UUID] | None = connection.execute(
            "SELECT id FROM ref.import_run WHERE source = %s AND file_sha256 = %s"
            " AND closed_at IS NULL ORDER BY opened_at LIMIT 1",
            (source, file_sha256),
        ).fetchone()
    return None if row is None else row[0]


def open_run(
    record: PostgresRecord, run: UUID, source: str, file_sha256: str, assumptions: str
) -> None:
    with record.connection() as connection:
        connection.execute(
            "INSERT INTO ref.import_run (id, source, file_sha256, assumptions)"
            " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (run, source, file_sha256, assumptions),
        )


def close_run(
    record: PostgresRecord, run: UUID, horizon: datetime | None, rows: int, rejected: int
) -> None:
    with record.connection() as connection:
        connection.execute(
            "UPDATE ref.import_run SET closed_at = clock_timestamp(), horizon = %s,"
            " rows_done = %s, rejected = %s WHERE id = %s",
            (horizon, rows, rejected, run),
        )
