"""Carries a request out and kills itself at a step: `HOME DSN REDIS CUSTOMER REQUEST STEP`.

Run as a process of its own by test_erasure_kill.py; the kill is a real SIGKILL, after the step has
acted and before it is recorded.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from uuid import UUID

from domain.privacy.next_step import Step
from infra.erasure.carrying_out import Erasures
from infra.home import Home
from infra.product import assembled
from infra.projector.running import catch_up
from infra.servers.owner import Addresses


def main(home: str, dsn: str, redis: str, customer: str, request: str, step: str) -> None:
    def die(reached: Step) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    addresses = Addresses(database_url=dsn, redis_url=redis, owner=False)
    with assembled(Home.at(Path(home)), addresses) as product:
        erasures = Erasures(product, acted=die, settled=0)
        while True:
            erasures.carry_out(UUID(customer), UUID(request))
            catch_up(dsn)


if __name__ == "__main__":
    main(*sys.argv[1:])
