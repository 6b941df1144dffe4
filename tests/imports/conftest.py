"""A running product over a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.home import Home
from infra.product import Product, assembled
from infra.servers.owner import Addresses
from tests.imports.office import Office


@pytest.fixture
def running(home: Home, database: str, redis_url: str) -> Iterator[Product]:
    with assembled(home, Addresses(database, redis_url, owner=False)) as product:
        yield product


@pytest.fixture
def office(running: Product, tmp_path: Path) -> Office:
    return Office(running, tmp_path)
