"""CSV that a spreadsheet shows and does not run, and that can be read back to what it was.

A cell that begins like a formula (`=`, `+`, `-`, `@`, their full-width forms, a tab or a line end,
also behind blanks or characters nobody sees) is preceded by an apostrophe, and so is one that
begins with an apostrophe. Quotes alone help nothing: a spreadsheet takes them off first.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator
from typing import IO

_STARTS = frozenset("=+-@\t\r\n\v\f|%\uff1d\uff0b\uff0d\uff20\ufe63\ufe62\ufe66\ufe6b\u2212")
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Mn"})
APOSTROPHE = "'"


def inert(cell: str) -> str:
    """The cell as it is written."""
    return APOSTROPHE + cell if _is_active(cell) else cell


def original(cell: str) -> str:
    """The cell as it was before `inert`."""
    return cell.removeprefix(APOSTROPHE)


def _is_active(cell: str) -> bool:
    if cell.startswith(APOSTROPHE):
        return True
    for character in cell:
        if character in _STARTS:
            return True
        if unicodedata.category(character) not in _UNSEEN:
            return False
    return False


class Rows:
    """Writes rows to a file opened with newline="". Numbers stay numbers, None is empty."""

    def __init__(self, file: IO[str]) -> None:
        self._plain = csv.writer(file, lineterminator="\n")
        self._quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)

    def write(self, cells: Iterable[str | int | None]) -> None:
        row = [inert(cell) if isinstance(cell, str) else cell for cell in cells]
        # Left to itself the library does not quote a lone CR, which ends a row when it is read.
        lone = any(isinstance(cell, str) and "\r" in cell for cell in row)
        (self._quoted if lone else self._plain).writerow(row)


def rows_of(file: IO[str]) -> Iterator[list[str]]:
    """The rows of a file written so, each cell as it was."""
    for row in csv.reader(file, strict=True):
        yield [original(cell) for cell in row]
