"""Both records behind one fixture."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from infra.record.memory import MemoryRecord
from infra.record.postgres import PostgresRecord


@pytest.fixture(params=["memory", "postgres"])
def record(request: pytest.FixtureRequest) -> Iterator[MemoryRecord | PostgresRecord]:
    if request.param == "memory":
        yield MemoryRecord()
        return
    postgres = PostgresRecord(request.getfixturevalue("database"))
    yield postgres
    postgres.close()


@pytest.fixture
def postgres(database: str) -> Iterator[PostgresRecord]:
    store = PostgresRecord(database)
    yield store
    store.close()


@pytest.fixture
def admin(database: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The superuser, who may try anything."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection
