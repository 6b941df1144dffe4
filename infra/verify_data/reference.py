"""The folder of reference answers: CSV files, plain or gzip, any subset of rows in any order."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import IO, NamedTuple

Rows = Sequence[Mapping[str, str]]
ENDINGS = (".csv", ".csv.gz")


class Answers(NamedTuple):
    """A file's rows as it holds them. `problem`: why they cannot be read, in words."""

    file: str
    columns: Sequence[str]
    rows: Rows
    problem: str | None = None


class Reference:
    def __init__(self, folder: Path) -> None:
        self._files = dict(_found(folder))

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def answers(self, name: str) -> Answers | None:
        """The answers under this name without its ending, or None if there are none."""
        path = self._files.get(name)
        if path is None:
            return None
        try:
            with _opened(path) as file:
                reader = csv.reader(file, strict=True)
                columns = next(reader, [])
                rows = [_row(columns, fields, reader.line_num) for fields in reader if fields]
        except OSError as fault:
            return _broken(path, f"cannot be read: {fault.strerror or fault}")
        except (UnicodeDecodeError, EOFError, zlib.error, csv.Error, _Ragged) as fault:
            return _broken(path, f"cannot be read: {fault}")
        if len(set(columns)) < len(columns):
            return _broken(path, "names a column twice")
        return Answers(path.name, columns, rows)

    def like(self, pattern: str) -> list[str]:
        """The names that match a pattern of a shell, without their endings."""
        return sorted(name for name in self._files if fnmatchcase(name, pattern))

    def others(self, known: Collection[str]) -> list[str]:
        """The files that are none of these, as they are named."""
        return sorted(path.name for name, path in self._files.items() if name not in known)


class _Ragged(Exception):
    """A row that is longer or shorter than the header."""


def _found(folder: Path) -> Iterator[tuple[str, Path]]:
    for ending in ENDINGS[::-1]:
        for path in sorted(folder.glob(f"*{ending}")):
            yield path.name.removesuffix(ending), path


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _row(columns: Sequence[str], fields: Sequence[str], line: int) -> dict[str, str]:
    if len(fields) != len(columns):
        raise _Ragged(f"line {line} has {len(fields)} columns instead of {len(columns)}")
    return dict(zip(columns, fields, strict=True))


def _broken(path: Path, problem: str) -> Answers:
    return Answers(path.name, [], [], f"{path.name} {problem}")
