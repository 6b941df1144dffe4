"""Builds a new version of the orders and kills itself after the second batch: `DSN`.

Run as a process of its own by test_switching.py; the kill is a real SIGKILL.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace

from infra.projector import worker
from infra.projector.builds import Build, connected
from infra.projector.running import Projector
from projections.orders import ORDERS

batches = 0


def die(build: Build, position: int) -> None:
    global batches
    batches += 1
    if batches == 2:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    worker.BATCH = 1
    newer = {"orders": replace(ORDERS, version=ORDERS.version + 1)}
    with connected(sys.argv[1]) as connection:
        Projector(sys.argv[1], newer, after_commit=die).turn(connection, {})
