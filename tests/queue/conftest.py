"""The product with its queue, and worker processes beside the test."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from infra.home import Home
from infra.product import Product, assembled
from infra.queue.commands import CommandQueue
from infra.queue.worker import command_queue
from infra.servers.owner import Addresses

PROGRAM = "tests.queue.worker_program"
Start = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def product(home: Home, database: str, redis_url: str) -> Iterator[Product]:
    with assembled(home, Addresses(database, redis_url, owner=False)) as product:
        yield product


@pytest.fixture
def queue(product: Product) -> Iterator[CommandQueue]:
    queue = command_queue(product)
    yield queue
    queue.close()


@pytest.fixture
def worker_process(home: Home, database: str, redis_url: str) -> Iterator[Start]:
    """Starts a worker process, which "holds" or "works"; killed after the test."""
    with ExitStack() as stack:

        def start(holds: str) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-m", PROGRAM, str(home.path), database, redis_url, holds],
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield start
