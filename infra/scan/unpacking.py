"""Compressed streams inside a stream: gzip, zip (and so xlsx, docx), bzip2, xz.

What cannot be opened here (zstd, lz4, Parquet pages, encrypted zip entries) is told, not passed
over. Ratios do not matter: output is looked through piece by piece and dropped.
"""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

MAGIC = (
    b"\x1f\x8b\x08",
    b"PK\x03\x04",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
    b"\x04\x22\x4d\x18",
    b"PAR1",
)
PIECE = 1 << 18
MOST = 4 << 30
"""Bytes looked through of one compressed stream."""
_ZIP_METHODS = (8, 9, 12, 14, 93, 95, 98)
_UNREADABLE = {
    b"\x28\xb5\x2f\xfd": "zstd cannot be opened here",
    b"\x04\x22\x4d\x18": "lz4 cannot be opened here",
    b"PAR1": "Parquet cannot be opened here",
}


def beginnings(data: bytes, start: int, before: int) -> Iterator[int]:
    """Where a compressed stream may begin."""
    for magic in MAGIC:
        found = data.find(magic, start)
        while 0 <= found < before:
            yield found
            found = data.find(magic, found + 1)


class Sink(Protocol):
    def feed(self, data: bytes) -> None: ...
    def close(self) -> None: ...


class Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...


class _Zlib:
    """zlib keeps what it did not consume outside; bz2 and lzma keep it inside."""

    def __init__(self, bits: int) -> None:
        self._inner = zlib.decompressobj(bits)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


class Unpacking:
    """One compressed stream, opened as it goes by."""

    def __init__(self, decompressor: Decompressor, sink: Sink, told: Callable[[str], None]) -> None:
        self._decompressor = decompressor
        self._sink = sink
        self._told = told
        self._bytes = 0
        self.going = True

    def feed(self, data: bytes) -> None:
        if not self.going:
            return
        try:
            piece = self._decompressor.decompress(data, PIECE)
            while piece:
                self._sink.feed(piece)
                self._bytes += len(piece)
                if self._bytes > MOST:
                    self._told(f"of a compressed stream only {MOST >> 30} GiB were read")
                    break
                if self._decompressor.eof:
                    break
                piece = self._decompressor.decompress(b"", PIECE)
        except (zlib.error, lzma.LZMAError, OSError, ValueError, EOFError):
            self.close()  # not compressed after all, or damaged from here on
            return
        if self._decompressor.eof or self._bytes > MOST:
            self.close()

    def close(self) -> None:
        if self.going:
            self._sink.close()
        self.going = False


def unpacking_at(
    data: bytes, start: int, told: Callable[[str], None], opened: Callable[[str], Sink]
) -> Unpacking | None:
    """The compressed stream that begins here, fed with what is there of it; None if there is
    none that can be opened."""
    for magic, why in _UNREADABLE.items():
        if data.startswith(magic, start):
            if start == 0:
                told(why)
            return None
    decompressor: Decompressor
    if data.startswith(b"\x1f\x8b", start):
        name, decompressor, body = "gzip", _Zlib(31), start
    elif data.startswith(b"BZh", start):
        name, decompressor, body = "bzip2", bz2.BZ2Decompressor(), start
    elif data.startswith(b"\xfd7z", start):
        name, decompressor, body = "xz", lzma.LZMADecompressor(), start
    else:
        header = data[start : start + 30]
        if len(header) < 30:
            return None
        version, flags, method, names, extra = struct.unpack("<4xHHH16xHH", header)
        if version > 63 or not 0 < names < 1_024 or method not in _ZIP_METHODS:
            return None  # four bytes by chance, or stored as it is
        if method != 8 or flags & 1:
            told("an encrypted or unusual zip entry cannot be opened here")
            return None
        name, decompressor, body = "zip", _Zlib(-15), start + 30 + names + extra
    unpacking = Unpacking(decompressor, opened(name), told)
    unpacking.feed(data[body:])
    return unpacking
