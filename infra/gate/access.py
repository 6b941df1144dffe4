"""One row of trail.access, and its bytes on the way there.

A row holds ids and codes, never a value and never words a person typed: an unlisted purpose is
noted as `unlisted`, a field that no event has as `unknown`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
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
_COUNTS = Struct("!iiii").pack
_NULL = _LENGTH(-1)
_UUID_LENGTH = _LENGTH(16)


def packed(access: Access) -> bytes:
    """The row in PostgreSQL's binary COPY format. What many rows have alike is packed once."""
    (*head, subjects, fields, tokens, row_count, record_ref, consents, agreement, recipient,
     break_glass, auth_method, correlation, request_id) = access  # fmt: skip
    return b"".join(
        (
            _alike(tuple(head)),
            _array(Uuids, subjects),
            _fields(tuple(fields)),
            _COUNTS(4, tokens, 4, row_count),
            _uuid(record_ref),
            _array(Uuids, consents) if consents else _NONE,
            _uuid(agreement),
            _text(recipient),
            _uuid(break_glass),
            _text(auth_method),
            _uuid(correlation),
            _uuid(request_id),
        )
    )


@lru_cache(4096)
def _alike(texts: tuple[str | None, ...]) -> bytes:
    """The columns up to the subjects, with the number of columns before them."""
    return _COUNT + b"".join(map(_text, texts))


@lru_cache(4096)
def _fields(fields: tuple[str, ...]) -> bytes:
    return _array(Texts, fields)


def _text(text: str | None) -> bytes:
    if text is None:
        return _NULL
    raw = text.encode()
    return _LENGTH(len(raw)) + raw


def _uuid(value: UUID | None) -> bytes:
    return _NULL if value is None else _UUID_LENGTH + value.bytes


def _array(packing: type[Any], values: Sequence[Any]) -> bytes:
    raw: bytes = packing(values).data
    return _LENGTH(len(raw)) + raw


_NONE = _array(Uuids, ())
