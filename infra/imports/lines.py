"""Lines of a file, joined into records where a quoted field spans several; bounded memory.

A record that its quotes do not explain is given up after its first line, so an unclosed quote does
not swallow what follows. A line longer than a record may be is cut and costs itself only.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

from infra.imports.problem import RowProblem

LINES_PER_RECORD, BYTES_PER_RECORD = 500, 1_000_000
LF, CR = b"\n", b"\r"
Record = tuple[int, bytes, RowProblem | None]


class Records:
    """Reads on from where the file stands; `header` first, then the rest by `read`."""

    def __init__(self, source: BinaryIO) -> None:
        self._lines = _lines(source)
        self._ahead: deque[bytes] = deque()
        self._number = 0

    def header(self) -> bytes | None:
        """The first line that is not blank, however it may look."""
        while (line := self._next()) is not None:
            self._number += 1
            if line.strip():
                return line
        return None

    def read(self, width: int) -> Iterator[Record]:
        """Each record with the number of its first line, from 1, and why it is none, if so."""
        while (line := self._next()) is not None:
            first, self._number = self._number + 1, self._number + 1
            if len(line) >= BYTES_PER_RECORD:
                reason = f"it has {BYTES_PER_RECORD} bytes or more"
                yield first, line, RowProblem("row_too_long", reason)
                continue
            if line.count(b'"') % 2 == 1:
                line += self._rest(line, width)
            if line.strip():
                yield first, line, None

    def _next(self) -> bytes | None:
        return self._ahead.popleft() if self._ahead else next(self._lines, None)

    def _rest(self, line: bytes, width: int) -> bytes:
        """The lines up to the closing quote; none if it does not come or closes something else."""
        taken: list[bytes] = []
        size = len(line)
        while len(taken) < LINES_PER_RECORD:
            more = self._next()
            if more is None:
                break
            taken.append(more)
            size += len(more)
            if size >= BYTES_PER_RECORD:
                break
            if more.count(b'"') % 2 == 1:
                rest = b"".join(taken)
                if not _is_one_record(line + rest, taken[:-1], width):
                    break
                self._number += len(taken)
                return rest
        self._ahead.extendleft(reversed(taken))
        return b""


def fields_of(record: bytes, width: int) -> list[str]:
    """The fields of one record. Raises RowProblem."""
    try:
        text = record.decode()
    except UnicodeDecodeError as fault:
        raise RowProblem("bad_encoding", f"byte {fault.start + 1} is not UTF-8") from None
    if "\0" in text:
        raise RowProblem("nul_character", f"a NUL at character {text.index(chr(0)) + 1}")
    text = text.removesuffix("\n").removesuffix("\r")
    if '"' in text or "\r" in text:
        try:
            (fields,) = csv.reader([text], strict=True)
        except (csv.Error, ValueError) as fault:
            raise RowProblem("bad_quoting", str(fault)) from None
    else:
        fields = text.split(",")
    if len(fields) != width:
        raise RowProblem("wrong_column_count", f"{len(fields)} columns instead of {width}")
    return fields


def _is_one_record(joined: bytes, inner: list[bytes], width: int) -> bool:
    """Two stray quotes may embrace whole rows: those are told by being rows themselves."""
    try:
        fields_of(joined, width)
    except RowProblem as fault:
        if fault.code == "bad_quoting":
            return False
        return fault.code != "wrong_column_count" or not any(_is_row(line, width) for line in inner)
    return not inner or not all(_is_row(line, width) for line in inner)


def _is_row(line: bytes, width: int) -> bool:
    try:
        fields_of(line, width)
    except RowProblem:
        return False
    return True


def _lines(source: BinaryIO) -> Iterator[bytes]:
    first = source.readline(BYTES_PER_RECORD)
    if CR in first.rstrip(CR + LF) and LF not in first:
        yield from _ended_by_cr(first, source)
        return
    line = first
    while line:
        yield line
        if len(line) >= BYTES_PER_RECORD and not line.endswith(LF):
            _skip_line(source)
        line = source.readline(BYTES_PER_RECORD)


def _skip_line(source: BinaryIO) -> None:
    while (more := source.readline(BYTES_PER_RECORD)) and not more.endswith(LF):
        pass


def _ended_by_cr(begun: bytes, source: BinaryIO) -> Iterator[bytes]:
    """Lines as they were on old Macintoshes, each given an LF instead."""
    held, skipping = begun, False
    while held:
        *whole, held = held.split(CR)
        for line in whole:
            if not skipping:
                yield line[: BYTES_PER_RECORD - 1] + LF
            skipping = False
        if len(held) >= BYTES_PER_RECORD:
            if not skipping:
                yield held[:BYTES_PER_RECORD]
            held, skipping = b"", True
        block = source.read(BYTES_PER_RECORD)
        if not block:
            if held and not skipping:
                yield held
            return
        held += block
