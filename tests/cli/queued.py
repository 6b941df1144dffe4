"""A program that queues one command in a data folder and says what a worker made of it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from uuid import uuid4

from commands.customer.register_customer import RegisterCustomer
from domain.terms import CollectionSource
from infra.dispatch import Caller
from infra.home import Home
from infra.product import product
from infra.queue.worker import command_queue


def main(folder: str) -> None:
    command = RegisterCustomer(collection_source=CollectionSource.CUSTOMER_SUBMITTED)
    with product(Home.at(Path(folder))) as running:
        queue = command_queue(running)
        identity = uuid4()
        queue.send(command, Caller("ann", "agent"), identity)
        end = time.monotonic() + 20
        while (standing := queue.inbox.standing(identity)) is None or standing.outcome is None:
            assert time.monotonic() < end
            time.sleep(0.05)
        sys.stdout.write(f"{standing.outcome['code']}\n")
        queue.close()


if __name__ == "__main__":
    main(sys.argv[1])
