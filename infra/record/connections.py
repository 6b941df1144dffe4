"""Pooled connections in a role of their own, for what shall not have the writer's rights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row, tuple_row

from infra.record.postgres import Datastore


class RoleConnections:
    """`role` is a database role that the login of the address may SET."""

    def __init__(self, dsn: str, role: str) -> None:
        self._datastore = Datastore(dsn, role, pool_size=1)

    @contextmanager
    def connection(self) -> Iterator[Connection[tuple[Any, ...]]]:
        """Database errors come as psycopg's own. Each statement commits by itself."""
        self._datastore.pool.open()
        with self._datastore.pool.connection() as connection:
            connection.row_factory = tuple_row  # type: ignore[assignment]
            try:
                yield connection  # type: ignore[misc]
            finally:
                connection.row_factory = dict_row

    def replace_dead_connections(self) -> None:
        """After an outage: those that wait in the pool and no longer answer."""
        self._datastore.pool.check()

    def close(self) -> None:
        self._datastore.close()
