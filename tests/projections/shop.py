"""A shop: commands over a record on PostgreSQL, and the projections that follow it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection
from uuid_utils.compat import uuid7

from commands.command import Command
from infra.dispatch import Caller, Dispatcher, Result
from infra.gate import Gate, PostgresTrail
from infra.policies import shipped_rulebook
from infra.projector.builds import Projections, connected
from infra.projector.running import catch_up
from infra.record.connections import RoleConnections
from infra.record.postgres import PostgresRecord
from infra.vault.epochs import Epochs
from infra.vault.kek import InstallationKey
from infra.vault.postgres_keyring import PostgresKeyring
from infra.vault.providers.environment import EnvironmentKeks
from projections.catalogue import PROJECTIONS

EIGHT = datetime(2026, 3, 2, 8, tzinfo=UTC)
Tables = dict[str, bytes]


class Shop:
    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.now = EIGHT
        self.record = PostgresRecord(dsn)
        self.key_service = RoleConnections(dsn, "dossier_keys")
        epochs = Epochs(self.key_service.connection, EnvironmentKeks({"DOSSIER_KEK_1": "00" * 32}))
        epochs.begin()
        keyring = PostgresKeyring(self.key_service.connection, epochs)
        self.trail = PostgresTrail(dsn)
        self.gate = Gate(keyring, self.trail)
        self._asked = count(1)
        self.dispatcher = Dispatcher(
            self.record,
            keyring,
            InstallationKey(bytes(32)),
            shipped_rulebook(),
            clock=lambda: self.now,
            new_id=uuid7,
        )

    def ask(self, command: Command, *, actor: str = "ann", role: str = "crm_admin") -> Result:
        command_id = UUID(int=2**64 + next(self._asked))
        return self.dispatcher.dispatch(command, Caller(actor, role), command_id)

    def catch_up(self, projections: Projections = PROJECTIONS) -> None:
        catch_up(self.dsn, projections=projections)

    @contextmanager
    def reading(self) -> Iterator[Connection[tuple[Any, ...]]]:
        with self.record.connection() as connection:
            yield connection

    def rows(self, table: str, **where: object) -> list[dict[str, Any]]:
        """What readers see, in order of the key."""
        condition = " AND ".join(f"{name} = %s" for name in where) or "true"
        key = ", ".join(PROJECTIONS[table].table.key)
        with self.reading() as connection:
            cursor = connection.execute(
                f"SELECT * FROM read.{table} WHERE {condition} ORDER BY {key}",
                tuple(where.values()),
            )
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def row(self, table: str, **where: object) -> dict[str, Any]:
        (row,) = self.rows(table, **where)
        return row

    def close(self) -> None:
        self.trail.close()
        self.key_service.close()
        self.record.close()


def contents(dsn: str, projections: Projections = PROJECTIONS) -> Tables:
    """Every byte that readers can see, by table."""
    return {
        name: copied(dsn, name, projection.table.key) for name, projection in projections.items()
    }


def copied(dsn: str, name: str, key: tuple[str, ...]) -> bytes:
    with (
        connected(dsn) as connection,
        connection.cursor() as cursor,
        cursor.copy(
            f"COPY (SELECT * FROM read.{name} ORDER BY {', '.join(key)}) TO STDOUT"
        ) as copy,
    ):
        return b"".join(bytes(part) for part in copy)


def until(happened: Callable[[], bool], connection: psycopg.Connection[Any]) -> bool:
    """Whether it happened within ten seconds."""
    for _ in range(500):
        if happened():
            return True
        connection.execute("SELECT pg_sleep(0.02)")
    return False
