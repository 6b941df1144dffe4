"""Re-wraps the keys of a database: `HOME DSN BATCH [KILL]`; dies by SIGKILL after so many batches.

Run as a process of its own by test_epoch_rewrap.py.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from infra.home import Home
from infra.product import assembled
from infra.servers.owner import Addresses
from infra.vault.rewrap import Progress, rewrap


def main(home: str, dsn: str, batch: int, deadly: int) -> None:
    heard = 0

    def hear(_: Progress) -> None:
        nonlocal heard
        heard += 1
        if heard == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    addresses = Addresses(dsn, "redis://127.0.0.1:1/0", owner=False)
    with assembled(Home.at(Path(home)), addresses) as product:
        assert product.epochs is not None
        print("ready", flush=True)  # noqa: T201
        rewrap(product.epochs, hear, batch=batch)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
