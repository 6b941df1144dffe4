"""One row of trail.access, and its bytes on the way there.

A row holds ids and codes, never a value and never words a person typed: an unlisted purpose is
noted as `unlisted`, a field that no event has as `unknown`.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import Any, NamedTuple
from uuid import UUID

from infra.record.packed import Texts, Uuids


class Access(NamedTuple):
    """`fields`: "Type.path" of each, `tokens` how many values, `row_count` of how many events,
    `record_ref` the event if it is one. The columns of trail.access, in this order."""

    actor: str
    role: str
    on_behalf_of: str | None
    operation: str
    purpose: str
    legal_basis: str | None
    decision: str
    rule: str
    policy: str
    subjects: Sequence[UUID]
    fields: Sequence[str]
    tokens: int
    row_count: int
    record_ref: UUID | None
    consents: Sequence[UUID]
    agreement: UUID | None
    recipient: str | None
    break_glass: UUID | None
    auth_method: str | None
    correlation: UUID
    request_id: UUID | None


COPY = f"COPY trail.access ({', '.join(Access._fields)}) FROM STDIN (FORMAT binary)"
COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TAIL = b"\xff\xff"

_COUNT = Struct("!h").pack(len(Access._fields))
_LENGTH = Struct("!i").pack
_INT = Struct("!ii").pack
_NULL = _LENGTH(-1)
_UUID_LENGTH = _LENGTH(16)
_ARRAYS: dict[str, type[Any]] = {"subjects": Uuids, "fields": Texts, "consents": Uuids}
_PACKS = tuple(_ARRAYS.get(name) for name in Access._fields)


def packed(access: Access) -> bytes:
    """The row in PostgreSQL's binary COPY format."""
    parts = [_COUNT]
    for value, array in zip(access, _PACKS, strict=True):
        if value is None:
            parts.append(_NULL)
        elif array is not None:
            raw = array(value).data
            parts += (_LENGTH(len(raw)), raw)
        elif type(value) is int:
            parts.append(_INT(4, value))
        elif isinstance(value, UUID):
            parts += (_UUID_LENGTH, value.bytes)
        else:
            raw = str(value).encode()
            parts += (_LENGTH(len(raw)), raw)
    return b"".join(parts)
