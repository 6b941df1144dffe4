"""The keeper: what the record's tables need from time to time, whoever is running.

Commands are remembered for 30 days and then forgotten, a batch at a time; partitions of the
record and of the trail are made ahead, for a product that is never started anew.
"""

from __future__ import annotations

from threading import Event as Signal

import psycopg
import structlog

from infra.record.postgres import PostgresRecord

log = structlog.get_logger()
REMEMBERED_DAYS, BATCH, EVERY_SECONDS = 30, 5_000, 900.0
_FORGET = """
DELETE FROM es.command WHERE command_id IN (
  SELECT command_id FROM es.command
  WHERE recorded_at < clock_timestamp() - make_interval(days => %s) LIMIT %s)
"""


def forget_commands(record: PostgresRecord, batch: int = BATCH) -> int:
    """How many commands older than 30 days are forgotten now; each batch is a transaction.

    Sent once more, such a command is decided anew. Raises psycopg's errors.
    """
    forgotten = 0
    while True:
        with record.connection() as connection:
            found = connection.execute(_FORGET, (REMEMBERED_DAYS, batch)).rowcount
        forgotten += found
        if found == 0:
            return forgotten


def keep(record: PostgresRecord, stop: Signal) -> None:
    """At once and every quarter of an hour, until `stop` is set. For a thread of its own."""
    while not stop.is_set():
        try:
            if forgotten := forget_commands(record):
                log.info("record.commands_forgotten", commands=forgotten)
            with record.connection() as connection:
                connection.execute("SELECT es.ensure_partitions(), trail.ensure_partitions()")
        except psycopg.Error as fault:
            log.warning("record.keeper_waiting", error=type(fault).__name__)
        stop.wait(EVERY_SECONDS)
