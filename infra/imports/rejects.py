"""Files beside the data that say which rows were not recorded and why, one CSV line each."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from infra.csv_safe import Rows
from infra.imports.claim import claim

HEADER = ("file", "line", "code", "reason")
LEAST, DIFFERS = 3, "_already_recorded"
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")


class RowList:
    """`count` rows are in it, by their line in the file that was imported.

    It holds nothing of what the rows hold: that may be somebody's, and this file would outlive
    their erasure. It is at `path` once it is closed: two imports of a file at once, or one that is
    killed, leave no half of it there.
    """

    def __init__(self, path: Path, source: str) -> None:
        self.path = path
        self.count = 0
        self._source = source
        self._part = path.with_name(f".{path.name}.{os.getpid()}")
        self._file: IO[str] | None = None

    def add(self, line: int, code: str, reason: str, row: str | Sequence[str]) -> None:
        if self._file is None:
            handle = claim(self._part, f".{self.path.name}.*")
            self._file = os.fdopen(handle, "w", encoding="utf-8", newline="")
            Rows(self._file).write(HEADER)
        Rows(self._file).write((self._source, line, code, told(code, reason, row)))
        self.count += 1

    def close(self) -> None:
        if self._file is not None:
            self._file.flush()
            self._part.replace(self.path)
            self._file.close()
            self._file = None


def told(code: str, reason: str, row: str | Sequence[str]) -> str:
    """The reason with a dash for whatever of a malformed row it quotes. A record that could not be
    taken apart is not quoted, and what differs from the record is told from columns that stand in
    the open there, too."""
    if isinstance(row, str) or code.endswith(DIFFERS):
        return reason
    said = _QUOTED.sub("-", reason)
    for value in sorted(row, key=len, reverse=True):
        if len(value) >= LEAST:
            said = said.replace(value, "-")
    return said
