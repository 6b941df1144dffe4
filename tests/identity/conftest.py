"""The entry over a database of its own, as a door would hold it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.identity.authentication import Authentication
from infra.identity.oidc.statement import Issuers
from infra.identity.staff import StaffHeld
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
