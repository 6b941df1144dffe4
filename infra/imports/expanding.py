"""A compressed file read with an end to what it may become.

A gzip file of ten megabytes can hold ten gigabytes of nothing. What real files compress to is far
from that, so a file is given up once it is both large and made of almost nothing.
"""

from __future__ import annotations

import gzip
from typing import BinaryIO, cast

FREE = 16 * 1024 * 1024
RATIO = 200
SIP = 8192


class TooMuchOfNothing(gzip.BadGzipFile):
    """More came out than is free, and more than two hundred times what went in."""


class _Sips:
    """A file read a little at a time: how much went in is known as closely as what came out. From
    Python 3.12 on, gzip takes 128 KiB at once."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw

    def read(self, size: int = SIP, /) -> bytes:
        return self._raw.read(min(size, SIP))


class Expanding:
    """Reads lines and blocks, as much at a time as is asked for. However little went in, `free`
    bytes may come out. Raises TooMuchOfNothing."""

    def __init__(self, raw: BinaryIO, free: int = FREE) -> None:
        self._free = free
        self._raw = raw
        self._text = gzip.GzipFile(fileobj=cast("BinaryIO", _Sips(raw)))
        self._came = 0

    def readline(self, size: int = -1, /) -> bytes:
        return self._counted(self._text.readline(size))

    def read(self, size: int = -1, /) -> bytes:
        return self._counted(self._text.read(size))

    def _counted(self, block: bytes) -> bytes:
        self._came += len(block)
        if self._came > self._free and self._came > RATIO * self._raw.tell():
            raise TooMuchOfNothing(f"it holds more than {RATIO} times its size")
        return block
