"""Arrays on their way to PostgreSQL, packed in its binary form in one go.

psycopg adapts a list element by element, which costs more than the append itself; here a list
becomes one byte string. One class per array type, each with a dumper that knows its oid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from struct import Struct, pack
from typing import Any, ClassVar

from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

from infra.record.chain import EPOCH

_HEAD = Struct("!iiIii").pack
_LENGTH = Struct("!i").pack
_NULL = b"\xff\xff\xff\xff"
_PG_EPOCH_MICROS = 946_684_800_000_000


class PackedArray:
    """An array parameter. `of` packs a sequence in which None is a null."""

    oid: ClassVar[int]
    element_oid: ClassVar[int]
    element: ClassVar[Callable[[Any], bytes]]
    __slots__ = ("data",)

    def __init__(self, values: Sequence[Any]) -> None:
        if not values:
            self.data = pack("!iiI", 0, 0, self.element_oid)
            return
        element = type(self).element
        parts = [_HEAD(1, 1, self.element_oid, len(values), 1)]
        for value in values:
            if value is None:
                parts.append(_NULL)
            else:
                raw = element(value)
                parts.append(_LENGTH(len(raw)))
                parts.append(raw)
        self.data = b"".join(parts)


class _PackedDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: PackedArray) -> Buffer | None:
        return obj.data


def _timestamptz(at: datetime) -> bytes:
    return pack("!q", (at - EPOCH) // timedelta(microseconds=1) - _PG_EPOCH_MICROS)


def _array(name: str, oid: int, element_oid: int, element: Callable[[Any], bytes]) -> type[Any]:
    cls = type(
        name,
        (PackedArray,),
        {
            "__slots__": (),
            "oid": oid,
            "element_oid": element_oid,
            "element": staticmethod(element),
        },
    )
    dumper = type(f"{name}Dumper", (_PackedDumper,), {"oid": oid})
    _DUMPERS.append((cls, dumper))
    return cls


_DUMPERS: list[tuple[type[PackedArray], type[Dumper]]] = []

Uuids = _array("Uuids", 2951, 2950, lambda v: v.bytes)
Texts = _array("Texts", 1009, 25, str.encode)
Bytes = _array("Bytes", 1001, 17, bytes)
Bigints = _array("Bigints", 1016, 20, Struct("!q").pack)
Ints = _array("Ints", 1007, 23, Struct("!i").pack)
Smallints = _array("Smallints", 1005, 21, Struct("!h").pack)
Booleans = _array("Booleans", 1000, 16, lambda v: b"\x01" if v else b"\x00")
Times = _array("Times", 1185, 1184, _timestamptz)


def register(context: AdaptContext) -> None:
    for cls, dumper in _DUMPERS:
        context.adapters.register_dumper(cls, dumper)
