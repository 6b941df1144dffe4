"""A worker process that takes commands and, where it is told to, holds still for ever.

Market GB: it holds what it took before the command is recorded; DE: after, with the outcome not
noted yet. Says so on its standard output.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from commands.customer.register_customer import RegisterCustomer
from infra.home import Home
from infra.log import configure
from infra.product import assembled
from infra.queue.commands import CommandQueue
from infra.queue.inbox import Inbox, Waiting
from infra.queue.worker import work_until_told
from infra.servers.owner import Addresses
from infra.vault.inbox_keys import InboxKeys


class HeldInbox(Inbox):
    """Told to hold nothing, it is an ordinary inbox."""

    def take(self, position: int) -> Waiting | None:
        waiting = super().take(position)
        if waiting is not None:
            assert isinstance(waiting.command, RegisterCustomer)
            if waiting.command.market == "GB":
                hold("before")
        return waiting

    def settle(self, position: int, outcome: Mapping[str, Any]) -> None:
        hold("after")


def hold(where: str) -> None:
    sys.stdout.write(f"{where}\n")
    sys.stdout.flush()
    time.sleep(3600)


def main(home: str, database: str, redis_url: str, holds: str) -> None:
    configure(Path(home) / "log" / "worker.log")
    with assembled(Home.at(Path(home)), Addresses(database, redis_url, owner=False)) as product:
        kind = HeldInbox if holds == "holds" else Inbox
        inbox = kind(product.record.connection, InboxKeys(product.home.keys, product.installation))
        work_until_told(CommandQueue(redis_url, inbox, product.dispatcher))


if __name__ == "__main__":
    main(*sys.argv[1:])
