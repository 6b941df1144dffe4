"""The entry over a database of its own, as a door would hold it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from infra.identity.authentication import Authentication
from infra.identity.oidc.statement import Issuers
from infra.identity.staff import StaffHeld
from infra.record.migrate import migrate
from infra.record.postgres import PostgresRecord
from tests.identity.loopback_provider import Provider, loopback_provider
from tests.projections.shop import Shop


@pytest.fixture
def record(database: str) -> Iterator[PostgresRecord]:
    opened = PostgresRecord(database)
    yield opened
    opened.close()


@pytest.fixture
def entry(record: PostgresRecord) -> Authentication:
    return Authentication(record.connection, StaffHeld(record.read_stream), Issuers(()))


@pytest.fixture
def shop(database: str) -> Iterator[Shop]:
    opened = Shop(database)
    yield opened
    opened.close()


@pytest.fixture
def provider() -> Iterator[Provider]:
    with loopback_provider() as provider:
        provider.publish("one")
        yield provider


@pytest.fixture(scope="module")
def lasting_shop(
    server_addresses: dict[str, str], worker_id: str, request: pytest.FixtureRequest
) -> Iterator[Shop]:
    """One for all tests of a file, for those that leave nothing behind; migrated from nothing."""
    name = f"{request.module.__name__.rpartition('.')[2]}_{worker_id}"
    with psycopg.connect(server_addresses["postgres"], autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        dsn = server_addresses["postgres"].removesuffix("postgres") + name
        migrate(dsn)
        opened = Shop(dsn)
        yield opened
        opened.close()
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
