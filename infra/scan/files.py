"""Files: what the database server keeps on disk, and everything else in the data folder.

Of the server: heap, TOAST, index and write-ahead log files as they lie there. A value that
PostgreSQL compressed (pglz) is not seen there; it is seen through SQL, as long as its row lives.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from infra.home import Home
from infra.scan.pouring import pour, restored
from infra.scan.report import Heard, Store
from infra.scan.spelling import Spellings
from infra.servers import binaries

BLOCK = 1 << 20
CUSTOM_DUMP = b"PGDMP"


def cluster_folder(dsn: str, home: Home) -> Path | None:
    """Where the server keeps its data, if that is on this machine and may be read.

    Our own server may have been given its folder as an open descriptor; then the lock file in the
    data folder says that it is the one.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        try:
            row = connection.execute(
                "SELECT current_setting('data_directory'), current_setting('port')"
            ).fetchone()
            connection.execute("CHECKPOINT")
        except psycopg.errors.InsufficientPrivilege:
            return None
    assert row is not None
    for folder in (home.pg / "data", Path(row[0])):
        try:
            lines = (folder / "postmaster.pid").read_text().splitlines()
        except OSError:
            continue
        if lines[3:4] == [row[1]]:
            return folder
    return None


def scan_cluster(dsn: str, home: Home, spellings: Spellings, heard: Heard) -> Store:
    """Every file of the server, after a checkpoint has written what was in memory only."""
    store = Store("server files", says="as they lie on disk; what pglz compressed is not seen here")
    folder = cluster_folder(dsn, home)
    if folder is None:
        store.says = "the server's files are not on this machine or not readable: left out"
        return store
    names = relation_names(dsn)
    _walk(folder, store, spellings, heard, names=names)
    return store


def scan_folder(home: Home, spellings: Spellings, heard: Heard) -> Store:
    """The data folder without the database server's data: logs, rejects, spools, exports, the
    queue's files, whatever else lies there."""
    store = Store("data folder", says="archives and compressed files are opened")
    _walk(home.path, store, spellings, heard, leave=home.pg / "data")
    return store


def relation_names(dsn: str) -> dict[str, str]:
    """Path of a relation's first file, below the data folder -> its name."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT pg_relation_filepath(c.oid), n.nspname || '.' || c.relname FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE pg_relation_filepath(c.oid) IS NOT NULL"
        ).fetchall()
    return dict(rows)


def _walk(
    folder: Path,
    store: Store,
    spellings: Spellings,
    heard: Heard,
    *,
    leave: Path | None = None,
    names: dict[str, str] | None = None,
) -> None:
    begun = time.monotonic()
    for path in _files(folder, leave, store):
        place = str(path.relative_to(folder))
        if names:
            relation = names.get(place.split(".")[0].split("_")[0])
            place = f"{place} ({relation})" if relation else place
        try:
            _read_file(path, place, store, spellings, heard)
        except FileNotFoundError:
            continue  # a log that was rotated, a segment that was recycled
        except OSError as fault:
            store.skip(place, fault.strerror or "not readable")
        store.objects += 1
    store.seconds += time.monotonic() - begun


def _files(folder: Path, leave: Path | None, store: Store) -> Iterator[Path]:
    def unreadable(fault: OSError) -> None:
        if not isinstance(fault, FileNotFoundError):
            store.skip(str(fault.filename), fault.strerror or "not readable")

    for where, folders, files in os.walk(folder, onerror=unreadable):
        folders[:] = [f for f in folders if Path(where, f) != leave]
        yield from (Path(where, name) for name in sorted(files))


def _read_file(path: Path, place: str, store: Store, spellings: Spellings, heard: Heard) -> None:
    if not stat.S_ISREG(path.lstat().st_mode):
        return
    with path.open("rb") as file:
        pour(file, place, store, spellings, heard)
        file.seek(0)
        if file.read(len(CUSTOM_DUMP)) != CUSTOM_DUMP:
            return
    with path.open("rb", buffering=0) as file:
        with restored(binaries.postgres() / "bin", file) as text:
            pour(text.stdout, place, store, spellings, heard)
        if text.returncode:
            store.skip(place, "a dump that pg_restore does not read")
