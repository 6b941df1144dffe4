"""Import runs as they stand in `ref.import_run`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from infra.product import new_id
from infra.record.postgres import PostgresRecord


def open_run(record: PostgresRecord, source: str, file_sha256: str, assumptions: str) -> UUID:
    """The run of this file that was begun and never closed, or a new one."""
    with record.connection() as connection:
        row = connection.execute(
            "SELECT id FROM ref.import_run WHERE source = %s AND file_sha256 = %s"
            " AND closed_at IS NULL ORDER BY opened_at LIMIT 1",
            (source, file_sha256),
        ).fetchone()
        if row is not None:
            run: UUID = row[0]
            return run
        run = new_id()
        connection.execute(
            "INSERT INTO ref.import_run (id, source, file_sha256, assumptions)"
            " VALUES (%s, %s, %s, %s)",
            (run, source, file_sha256, assumptions),
        )
        return run


def close_run(
    record: PostgresRecord, run: UUID, horizon: datetime | None, rows: int, rejected: int
) -> None:
    with record.connection() as connection:
        connection.execute(
            "UPDATE ref.import_run SET closed_at = clock_timestamp(), horizon = %s,"
            " rows_done = %s, rejected = %s WHERE id = %s",
            (horizon, rows, rejected, run),
        )
