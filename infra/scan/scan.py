"""One scan: all stores of one installation, one after the other."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

import psycopg

from infra.home import Home
from infra.scan.database import scan_dumps, scan_tables
from infra.scan.files import scan_cluster, scan_folder
from infra.scan.needles import Needles
from infra.scan.queue import scan_queue
from infra.scan.report import Heard, Report, Store, unheard
from infra.scan.spelling import Spellings
from infra.servers.owner import Addresses


def scan(home: Home, addresses: Addresses, needles: Needles, heard: Heard = unheard) -> Report:
    """Looks for every needle in every store.

    Reads only; nobody waits for it but who changes the definition of a table. Raises psycopg's
    error if the database cannot be reached.
    """
    spellings = Spellings(needles)
    report = Report()
    before = 0

    def told(store: str, done: int) -> None:
        heard(store, before + done)

    for store in scan_tables(addresses.database_url, spellings, told):
        report.stores.append(store)
        before = report.bytes
    looks: list[Callable[[], Store]] = [
        lambda: scan_dumps(addresses.database_url, spellings, told),
        lambda: scan_cluster(addresses.database_url, home, spellings, told),
        lambda: scan_queue(addresses.redis_url, spellings, told),
        lambda: scan_folder(home, spellings, told),
    ]
    for look in looks:
        report.stores.append(look())
        before = report.bytes
    return report


def expected_bytes(home: Home, addresses: Addresses) -> int:
    """About how much a scan will look at, for telling how long it takes."""
    with psycopg.connect(addresses.database_url, autocommit=True) as connection:
        row = connection.execute(
            "SELECT sum(pg_table_size(oid)) FROM pg_class WHERE relkind IN ('r', 'm')"
        ).fetchone()
    tables = int(row[0] or 0) if row else 0
    files = 0
    for where, _, names in os.walk(home.path):
        for name in names:
            with contextlib.suppress(OSError):
                files += os.lstat(os.path.join(where, name)).st_size  # noqa: PTH118
    return 3 * tables + files
