"""A terminal of its own for each test, at an empty record."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from infra.home import Home
from tests.cli.terminal import Terminal, at_prompt, prompted


@pytest.fixture(scope="session")
def prompt() -> Iterator[subprocess.Popen[str]]:
    """Each line typed is a process of its own, so that tests at one prompt leave each other
    nothing."""
    with prompted() as opened:
        yield opened


@pytest.fixture
def at_terminal(
    home: Home, database: str, redis_url: str, prompt: subprocess.Popen[str]
) -> Terminal:
    return at_prompt(prompt, home, database, redis_url)
