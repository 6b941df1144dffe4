"""Looks through a stream of bytes, whatever its length, in bounded memory.

Base64 and hex are undone wherever they stand, compressed streams wherever they begin, and what
comes out is looked through in the same way, up to four layers deep.
"""

from __future__ import annotations

import binascii
import re
import string
from collections.abc import Callable, Iterator

from infra.scan.spelling import Spellings
from infra.scan.unpacking import Unpacking, beginnings, unpacking_at

DEEPEST = 4
LARGEST = 1 << 20
HEADER = 64
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_LINE_BREAK = re.compile(rb"=?\r?\n")
Found = Callable[[int, str], None]
"""Told the number of the needle and what was undone, outermost first."""
Skipped = Callable[[str], None]


def unskipped(why: str) -> None:
    """Nothing here is worth telling."""


class Stream:
    """Feed it everything in order, then close it."""

    def __init__(
        self,
        spellings: Spellings,
        found: Found,
        skipped: Skipped = unskipped,
        through: tuple[str, ...] = (),
    ) -> None:
        self._spellings = spellings
        self._found = found
        self._skipped = skipped
        self._through = through
        self._tail = b""
        self._packed: list[Unpacking] = []

    def feed(self, data: bytes) -> None:
        for start in range(0, len(data), LARGEST):
            self._feed(data[start : start + LARGEST])

    def close(self) -> None:
        if len(self._through) < DEEPEST:
            self._unpack(self._tail, len(self._tail), len(self._tail))
        for packed in self._packed:
            packed.close()
        self._packed.clear()
        self._tail = b""

    def _feed(self, data: bytes) -> None:
        for packed in self._packed:
            packed.feed(data)
        self._packed = [packed for packed in self._packed if packed.going]
        if not data.strip(b"\0"):
            self._tail = b""
            return
        whole = self._tail + data
        seen = len(self._tail)
        for number in self._spellings.found(whole, seen):
            self._found(number, " > ".join(self._through))
        if len(self._through) < DEEPEST:
            self._undo(whole)
            self._unpack(whole, seen, len(whole) - HEADER)
        self._tail = whole[-self._spellings.overlap :]

    def _undo(self, whole: bytes) -> None:
        """A piece of base64 may begin anywhere in a run of its letters: all four ways."""
        least = self._spellings.shortest
        letters = list(runs(whole, BASE64, least + least // 3, lines=True))
        if letters:
            for offset in range(4):
                pieces = b"".join(
                    run[offset:] + b"AAA"[: (offset - len(run)) % 4] for run in letters
                )
                self._once("base64", binascii.a2b_base64(pieces))
        digits = list(runs(whole, HEX, 2 * least))
        if digits:
            for offset in range(2):
                pieces = b"".join(
                    run[offset : len(run) - (len(run) - offset) % 2] for run in digits
                )
                self._once("hex", binascii.unhexlify(pieces))

    def _once(self, name: str, data: bytes) -> None:
        """What was undone of this block, on its own: the blocks overlap."""
        inner = Stream(self._spellings, self._found, self._skipped, (*self._through, name))
        inner.feed(data)
        inner.close()

    def _unpack(self, whole: bytes, seen: int, before: int) -> None:
        """What begins in the last bytes waits for the next block, or its header would be cut."""
        for start in beginnings(whole, max(0, seen - HEADER), before):
            packed = unpacking_at(whole, start, self._skipped, self._opened)
            if packed is not None and packed.going:
                self._packed.append(packed)

    def _opened(self, name: str) -> Stream:
        return Stream(self._spellings, self._found, self._skipped, (*self._through, name))


def runs(data: bytes, table: bytes, least: int, *, lines: bool = False) -> Iterator[bytes]:
    """The longest pieces written in an alphabet only, `least` long. `lines`: a piece may go on
    after a line break (MIME), and then counts as one; url-safe letters become standard ones.

    A marked copy is searched with `find`, which skips: five times as fast as a regular expression.
    """
    marked = data.translate(table)
    run = b"x" * least
    end = 0
    while (start := marked.find(run, end)) >= 0:
        end = _end(marked, start + least)
        if not lines:
            yield data[start:end]
            continue
        pieces = [data[start:end]]
        while (after := _LINE_BREAK.match(data, end)) is not None:
            more = _end(marked, after.end())
            if more == after.end():
                break
            pieces.append(data[after.end() : more])
            end = more
        yield b"".join(pieces).translate(_URL_SAFE)


def _end(marked: bytes, start: int) -> int:
    end = marked.find(b" ", start)
    return len(marked) if end < 0 else end


def _alphabet(letters: bytes) -> bytes:
    return bytes(ord("x") if byte in letters else ord(" ") for byte in range(256))


BASE64 = _alphabet(string.ascii_letters.encode() + b"0123456789+/-_")
HEX = _alphabet(string.hexdigits.encode())
