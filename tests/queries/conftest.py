"""A shop of its own for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.projections.shop import Shop


@pytest.fixture
def shop(database: str) -> Iterator[Shop]:
    opened = Shop(database)
    yield opened
    opened.close()
