"""How intricate a JSON text is, told before it is parsed: parsing costs more than counting.

A body of one mebibyte can hold half a million names, or as many brackets. Everything here is
counted by functions that run over bytes as fast as memory; only brackets are walked through one by
one, once there are few enough.
"""

from __future__ import annotations

from infra.http.refusals import BodyTooIntricate

DEEPEST = 32
MOST_NAMES = 5_000
MOST_VALUES = 20_000


def must_be_plain(text: bytes) -> None:
    """Raises BodyTooIntricate. What is no JSON passes: that is found when it is read."""
    marks = text.count(b'"')
    if marks > 4 * MOST_VALUES:
        raise BodyTooIntricate(what="values", limit=MOST_VALUES)
    outside = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    structure = b"".join(outside.split(b'"')[::2])
    if structure.count(b":") > MOST_NAMES:
        raise BodyTooIntricate(what="names", limit=MOST_NAMES)
    if sum(structure.count(mark) for mark in (b",", b"[", b"{")) > MOST_VALUES:
        raise BodyTooIntricate(what="values", limit=MOST_VALUES)
    if _depth(structure) > DEEPEST:
        raise BodyTooIntricate(what="levels", limit=DEEPEST)


def _depth(structure: bytes) -> int:
    deepest = depth = 0
    for mark in structure.translate(None, _NO_BRACKETS):
        depth += 1 if mark in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
