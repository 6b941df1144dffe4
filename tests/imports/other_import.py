"""Imports a file into a data folder in a process of its own: HOME DATABASE REDIS KIND FILE.

Says how far it is, a line each time, so that whoever kills it knows when, and waits for an answer
after `ready`, so that whoever starts two knows that they go on together.
"""

from __future__ import annotations

import sys
from pathlib import Path

from infra.home import Home
from infra.imports import run
from infra.product import assembled
from infra.servers.owner import Addresses


def main() -> None:
    folder, database, redis, kind, file = sys.argv[1:]
    run.EVERY = 0
    run.CASES_PER_BATCH = 20
    home = Home.at(Path(folder))
    with assembled(home, Addresses(database, redis, owner=False)) as product:
        print("ready", 0, flush=True)  # noqa: T201
        sys.stdin.readline()
        run.import_file(
            product,
            kind,
            Path(file),
            lambda progress: print(progress.stage, progress.rows, flush=True),  # noqa: T201
        )


main()
