"""The product over a database and a queue of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.home import Home
from infra.product import Product, assembled
from infra.servers.owner import Addresses


@pytest.fixture
def running(database: str, redis_url: str, home: Home) -> Iterator[Product]:
    addresses = Addresses(database_url=database, redis_url=redis_url, owner=False)
    with assembled(home, addresses) as product:
        yield product
