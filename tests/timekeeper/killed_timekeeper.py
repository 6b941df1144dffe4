"""A timekeeper in a process of its own, to be killed: `HOME DSN REDIS`."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from infra.home import Home
from infra.product import assembled
from infra.servers.owner import Addresses
from infra.timekeeper.running import Timekeeper


def main(home: str, dsn: str, redis: str) -> None:
    addresses = Addresses(database_url=dsn, redis_url=redis, owner=False)
    with assembled(Home.at(Path(home)), addresses) as product:
        Timekeeper(product, batch=16).run(threading.Event())


if __name__ == "__main__":
    main(*sys.argv[1:])
