"""A door of its own for each test, and a calendar of which every day is known."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.home import Home
from tests.http.door import Door, opened


@pytest.fixture
def door(home: Home, database: str, redis_url: str) -> Iterator[Door]:
    with opened(home, database, redis_url) as door:
        yield door
