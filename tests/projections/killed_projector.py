"""A projector that kills itself at a named moment of a batch: `DSN MOMENT SCHEMA BATCH`.

Run as a process of its own by test_kill.py; the kill is a real SIGKILL.
"""

from __future__ import annotations

import os
import signal
import sys

from infra.projector.builds import Build, connected
from infra.projector.rebuilding import ensure
from infra.projector.worker import Worker, nothing, watermark
from projections.catalogue import PROJECTIONS


def main(dsn: str, moment: str, name: str, batch: int, which: int) -> None:
    batches = 0

    def die(build: Build, position: int) -> None:
        nonlocal batches
        batches += 1
        if batches == which:
            os.kill(os.getpid(), signal.SIGKILL)

    with connected(dsn) as connection:
        worker = Worker(
            connection,
            ensure(connection, PROJECTIONS[name]),
            batch=batch,
            before_commit=die if moment == "before" else nothing,
            after_commit=die if moment == "after" else nothing,
        )
        worker.lease()
        worker.catch_up(watermark(connection))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
