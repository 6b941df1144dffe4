"""Brings the rows of each case together, however they are scattered over a file: on disk, not in
memory.

The spool holds what the file holds, in the clear, so it lies in a private folder of the data folder
and goes when the import ends; what a killed import left is removed by the next.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import orjson

from infra.imports.claim import claim
from infra.imports.reading import Row

PENDING = 5_000


class Placed(NamedTuple):
    """Where a row belongs: its case, its number in it, when the case began, when the row was."""

    case: str
    number: int
    began: datetime
    at: datetime


class Spool(AbstractContextManager["Spool"]):
    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{os.getpid()}.spool"
        self._claim = claim(self._path, "*.spool")
        self._db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        self._db.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16000;"
            "CREATE TABLE row (key TEXT, number INTEGER, line INTEGER, fields BLOB);"
            "CREATE TABLE head (key TEXT PRIMARY KEY, time TEXT) WITHOUT ROWID;"
            "BEGIN;"
        )
        self._rows: list[tuple[str, int, int, bytes]] = []
        self._heads: dict[str, str] = {}
        self.cases = 0

    def add(self, row: Row, placed: Placed) -> None:
        self._rows.append((placed.case, placed.number, row.line, orjson.dumps(row.fields)))
        time = placed.began.isoformat()
        known = self._heads.get(placed.case)
        if known is None or time < known:
            self._heads[placed.case] = time
        if len(self._rows) >= PENDING:
            self._write()

    def sort(self) -> None:
        """After the last row, before the first case."""
        self._write()
        self._db.execute("COMMIT")
        self._db.execute("CREATE INDEX row_key ON row (key, number, line)")
        self._db.execute("CREATE INDEX head_time ON head (time, key)")
        (self.cases,) = self._db.execute("SELECT count(*) FROM head").fetchone()

    def each_case(self) -> Iterator[tuple[str, Sequence[Row]]]:
        """Cases by the time of their earliest row; the rows of each by their number, then line."""
        rows = self._db.execute(
            "SELECT h.key, r.line, r.fields FROM head h CROSS JOIN row r ON r.key = h.key"
            " ORDER BY h.time, h.key, r.number, r.line"
        )
        for key, group in groupby(rows, itemgetter(0)):
            yield key, [Row(line, orjson.loads(fields)) for _, line, fields in group]

    def _write(self) -> None:
        self._db.executemany("INSERT INTO row VALUES (?, ?, ?, ?)", self._rows)
        self._db.executemany(
            "INSERT INTO head VALUES (?, ?) ON CONFLICT (key) DO UPDATE"
            " SET time = min(time, excluded.time)",
            self._heads.items(),
        )
        self._rows.clear()
        self._heads.clear()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()
        self._path.unlink()
        os.close(self._claim)
