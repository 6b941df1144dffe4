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


_COLUMNS = ", ".join(Access._fields)
INSERT = f"INSERT INTO trail.access ({_COLUMNS}) SELECT {_COLUMNS} FROM unnest($1)"
ROW_TYPES = "SELECT typarray, oid FROM pg_type WHERE oid = 'trail.access_row'::regtype"

_COUNT = Struct("!i").pack(len(Access._fields))
_LENGTH = Struct("!i").pack
_FIELD = Struct("!Ii").pack
_INT = Struct("!Iii").pack
_ARRAY = Struct("!iiIii").pack
_TEXT, _UUID, _INT4 = 25, 2950, 23
_NULL_TEXT, _NULL_UUID = _FIELD(_TEXT, -1), _FIELD(_UUID, -1)
_UUID_HEAD = _FIELD(_UUID, 16)


def packed(access: Access) -> bytes:
    """The row in PostgreSQL's binary form of a composite, with its length. What many rows have
    alike is packed once."""
    (*head, subjects, fields, tokens, row_count, record_ref, consents, agreement, recipient,
     break_glass, auth_method, correlation, request_id) = access  # fmt: skip
    raw = b"".join(
        (
            _alike(tuple(head)),
            _array(Uuids, subjects),
            _fields(tuple(fields)),
            _INT(_INT4, 4, tokens),
            _INT(_INT4, 4, row_count),
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
    return _LENGTH(len(raw)) + raw


def array_of(rows: Sequence[bytes], row_type: int) -> bytes:
    """Packed rows as one array; `row_type` is the oid of trail.access_row in this database."""
    return _ARRAY(1, 0, row_type, len(rows), 1) + b"".join(rows)


@lru_cache(4096)
def _alike(texts: tuple[str | None, ...]) -> bytes:
    """The columns up to the subjects, with the number of columns before them."""
    return _COUNT + b"".join(map(_text, texts))


@lru_cache(4096)
def _fields(fields: tuple[str, ...]) -> bytes:
    return _array(Texts, fields)


def _text(text: str | None) -> bytes:
    if text is None:
        return _NULL_TEXT
    raw = text.encode()
    return _FIELD(_TEXT, len(raw)) + raw


def _uuid(value: UUID | None) -> bytes:
    return _NULL_UUID if value is None else _UUID_HEAD + value.bytes


def _array(packing: type[Any], values: Sequence[Any]) -> bytes:
    raw: bytes = packing(values).data
    return _FIELD(packing.oid, len(raw)) + raw


_NONE = _array(Uuids, ())
