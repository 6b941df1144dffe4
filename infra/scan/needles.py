"""What a scan looks for: personal values, told by number and never shown.

They come from a file only its owner may read, from the standard input, or from the canary; never
from the command line, which every user of a machine can see.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from domain.refusal import Refused

SHORTEST = 6
"""Bytes of UTF-8. Fewer occur by chance in what is sealed."""


class NeedleTooShort(Refused):
    """A value to look for has at least 6 bytes. Parameters: number, least."""


class NeedleFileOpen(Refused):
    """Others may read the file with the values to look for. Parameters: file."""


class NeedlesMissing(Refused):
    """There is nothing to look for: no value, or no such file."""


class Needles:
    """Values by number, from 1. Their text goes into patterns and nowhere else."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Raises NeedleTooShort, NeedlesMissing."""
        self._texts = tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))
        for number, text in enumerate(self._texts, 1):
            if len(text.encode(errors="surrogatepass")) < SHORTEST:
                raise NeedleTooShort(number=number, least=SHORTEST)
        if not self._texts:
            raise NeedlesMissing

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return iter(enumerate(self._texts, 1))

    def __len__(self) -> int:
        return len(self._texts)

    def __repr__(self) -> str:
        return f"<{len(self._texts)} needles>"


def read_file(path: Path) -> Needles:
    """One value a line, UTF-8. Raises NeedleFileOpen unless its mode is 0600 or less."""
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise NeedleFileOpen(file=path.name)
            return Needles(file.read().decode("utf-8", "replace").splitlines())
    except OSError:
        raise NeedlesMissing from None
