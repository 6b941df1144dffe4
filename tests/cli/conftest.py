"""A terminal of its own for each test, at an empty record."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.home import Home
from tests.cli.terminal import Terminal, terminal


@pytest.fixture
def at_terminal(home: Home, database: str, redis_url: str) -> Iterator[Terminal]:
    with terminal(home, database, redis_url) as opened:
        yield opened
