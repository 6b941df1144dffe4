"""Reads a CSV file (RFC 4180, UTF-8, plain or gzip) row by row; a bad row costs itself only.

Lines end with LF or CR LF; in a file without any LF, with CR. What lines are and which of them make
a record is in `lines`.
"""

from __future__ import annotations

import csv
import gzip
import os
import stat
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, cast

from infra.imports import problem
from infra.imports.expanding import FREE, Expanding
from infra.imports.lines import Records, fields_of
from infra.imports.problem import RowProblem

GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Row:
    """A record: the number of its first line, from 1, and its fields by the header's order."""

    line: int
    fields: Sequence[str]


@dataclass(frozen=True, slots=True)
class BadRow:
    """`text` is the record as it stands, undecodable bytes written as \\xNN."""

    line: int
    problem: RowProblem
    text: str


class Table:
    """An open file: its header, its size, and its rows, good and bad, in order.

    Raises a subclass of ImportProblem on opening, where a damaged gzip file ends, and after the
    last row if the file is no longer the one that was opened.
    """

    def __init__(self, path: Path, columns: Sequence[str], *, free: int = FREE) -> None:
        self.path, self._free = path, free
        self._raw = _opened(path)
        self._found = os.fstat(self._raw.fileno())
        self.size = self._found.st_size
        try:
            self._records = Records(self._source(self._is_compressed()))
            self.header = self._read_header(columns)
        except problem.ImportProblem:
            self._raw.close()
            raise

    def close(self) -> None:
        self._raw.close()

    @property
    def bytes_read(self) -> int:
        return self._raw.tell()

    def sha256(self) -> str:
        """Of the file as it lies there, compressed or not; the rows go on where they were."""
        digest, place = sha256(), self._raw.tell()
        self._raw.seek(0)
        while block := self._raw.read(1 << 20):
            digest.update(block)
        self._raw.seek(place)
        return digest.hexdigest()

    def pick(self, columns: Sequence[str]) -> Callable[[Sequence[str]], tuple[str, ...]]:
        """Takes these columns from the fields of a row, in this order; one the file has not is
        empty."""
        places = [self.header.index(name) if name in self.header else -1 for name in columns]
        taken = itemgetter(*places)
        if -1 not in places:
            return taken
        return lambda fields: taken([*fields, ""])

    def rows(self) -> Iterator[Row | BadRow]:
        width = len(self.header)
        try:
            for line, text, fault in self._records.read(width):
                try:
                    if fault is not None:
                        raise fault
                    yield Row(line, fields_of(text, width))
                except RowProblem as bad:
                    yield BadRow(line, bad, _shown(text))
        except (EOFError, gzip.BadGzipFile, zlib.error) as damage:
            raise self._damaged(damage) from damage
        now = os.fstat(self._raw.fileno())
        if (now.st_size, now.st_mtime_ns) != (self.size, self._found.st_mtime_ns):
            raise problem.ImportFileChanged(file=self.path.name)

    def _is_compressed(self) -> bool:
        compressed = self._raw.read(2) == GZIP
        self._raw.seek(0)
        if self.path.suffix == ".gz" and not compressed and self.size:
            raise problem.ImportFileDamaged(file=self.path.name, detail="not a gzip file")
        return compressed

    def _source(self, compressed: bool) -> BinaryIO:
        return cast("BinaryIO", Expanding(self._raw, self._free)) if compressed else self._raw

    def _damaged(self, damage: Exception) -> problem.ImportFileDamaged:
        return problem.ImportFileDamaged(file=self.path.name, detail=str(damage))

    def _read_header(self, columns: Sequence[str]) -> list[str]:
        try:
            raw = self._records.header()
        except (EOFError, gzip.BadGzipFile, zlib.error) as damage:
            raise self._damaged(damage) from damage
        if raw is None:
            raise problem.ImportFileEmpty(file=self.path.name)
        try:
            text = raw.removeprefix(BOM).decode()
            header = next(csv.reader([text], strict=True), [])
        except (UnicodeDecodeError, csv.Error):
            header = None
        if header is None or b"\0" in raw:
            raise problem.ImportFileNotText(file=self.path.name)
        if missing := [name for name in columns if name not in header]:
            raise problem.ImportColumnsMissing(file=self.path.name, missing=", ".join(missing))
        if repeated := [name for name in columns if header.count(name) > 1]:
            raise problem.ImportColumnsRepeated(file=self.path.name, repeated=", ".join(repeated))
        return header


def _opened(path: Path) -> BinaryIO:
    """Only a regular file can be measured, read twice, and found unchanged."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            detail = "Is a directory" if path.is_dir() else "Not a regular file"
            raise problem.ImportFileUnreadable(file=str(path), detail=detail)
        return path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        raise problem.ImportFileMissing(file=str(path)) from None
    except OSError as fault:
        raise problem.ImportFileUnreadable(file=str(path), detail=fault.strerror) from None


def _shown(record: bytes, limit: int = 2_000) -> str:
    return record[:limit].decode(errors="backslashreplace").rstrip("\r\n").replace("\0", "\\x00")
