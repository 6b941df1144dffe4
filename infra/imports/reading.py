"""Reads a CSV file (RFC 4180, UTF-8, plain or gzip) row by row; a bad row costs itself only.

A record that needs more lines than its quotes can explain is given up after its first line, so an
unclosed quote does not swallow what follows.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from infra.imports import problem
from infra.imports.problem import RowProblem

GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
LINES_PER_RECORD, BYTES_PER_RECORD = 500, 1_000_000


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

    Raises a subclass of ImportProblem on opening, and where a damaged gzip file ends.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path = path
        self._raw = _opened(path)
        self.size = path.stat().st_size
        try:
            self._lines = _Lines(self._text(self._is_compressed()))
            self.header = self._read_header(columns)
        except problem.ImportProblem:
            self._raw.close()
            raise

    def close(self) -> None:
        self._raw.close()

    @property
    def bytes_read(self) -> int:
        return self._raw.tell()

    def rows(self) -> Iterator[Row | BadRow]:
        width = len(self.header)
        for line, text in self._lines.records():
            try:
                yield Row(line, fields_of(text, width))
            except RowProblem as fault:
                yield BadRow(line, fault, _shown(text))

    def _is_compressed(self) -> bool:
        compressed = self._raw.read(2) == GZIP
        self._raw.seek(0)
        if self.path.suffix == ".gz" and not compressed and self.size:
            raise problem.ImportFileDamaged(file=self.path.name, detail="not a gzip file")
        return compressed

    def _text(self, compressed: bool) -> Iterator[bytes]:
        source = gzip.GzipFile(fileobj=self._raw) if compressed else self._raw
        try:
            yield from source
        except (EOFError, gzip.BadGzipFile, zlib.error) as fault:
            raise problem.ImportFileDamaged(file=self.path.name, detail=str(fault)) from fault

    def _read_header(self, columns: Sequence[str]) -> list[str]:
        first = next(self._lines.records(), None)
        if first is None:
            raise problem.ImportFileEmpty(file=self.path.name)
        raw = first[1].removeprefix(BOM)
        try:
            header = next(csv.reader([raw.decode()], strict=True), [])
        except (UnicodeDecodeError, csv.Error):
            header = None
        if header is None or b"\0" in raw:
            raise problem.ImportFileNotText(file=self.path.name)
        if missing := [name for name in columns if name not in header]:
            raise problem.ImportColumnsMissing(file=self.path.name, missing=", ".join(missing))
        return header


def fields_of(record: bytes, width: int) -> list[str]:
    """The fields of one record. Raises RowProblem."""
    try:
        text = record.decode()
    except UnicodeDecodeError as fault:
        raise RowProblem("bad_encoding", f"byte {fault.start + 1} is not UTF-8") from None
    if "\0" in text:
        raise RowProblem("nul_character", f"a NUL at character {text.index(chr(0)) + 1}")
    text = text.removesuffix("\n").removesuffix("\r")
    if '"' in text:
        try:
            (fields,) = csv.reader([text], strict=True)
        except csv.Error as fault:
            raise RowProblem("bad_quoting", str(fault)) from None
    else:
        fields = text.split(",")
    if len(fields) != width:
        raise RowProblem("wrong_column_count", f"{len(fields)} columns instead of {width}")
    return fields


def sha256_of(path: Path) -> str:
    """Of the file as it lies there, compressed or not."""
    digest = sha256()
    with _opened(path) as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


class _Lines:
    """Numbered lines, joined into records where a quoted field spans several."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self._ahead: deque[bytes] = deque()
        self._number = 0

    def records(self) -> Iterator[tuple[int, bytes]]:
        while (line := self._next()) is not None:
            first, self._number = self._number + 1, self._number + 1
            if line.count(b'"') % 2 == 1:
                line += self._rest(line)
            if line.strip():
                yield first, line

    def _next(self) -> bytes | None:
        return self._ahead.popleft() if self._ahead else next(self._lines, None)

    def _rest(self, line: bytes) -> bytes:
        """The lines up to the closing quote; none if it does not come."""
        taken: list[bytes] = []
        size = len(line)
        while len(taken) < LINES_PER_RECORD and size < BYTES_PER_RECORD:
            more = self._next()
            if more is None:
                break
            taken.append(more)
            size += len(more)
            if more.count(b'"') % 2 == 1:
                self._number += len(taken)
                return b"".join(taken)
        self._ahead.extendleft(reversed(taken))
        return b""


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise problem.ImportFileMissing(file=str(path)) from None
    except OSError as fault:
        raise problem.ImportFileUnreadable(file=str(path), detail=fault.strerror) from None


def _shown(record: bytes, limit: int = 2_000) -> str:
    return record[:limit].decode(errors="backslashreplace").rstrip("\r\n").replace("\0", "\\x00")
