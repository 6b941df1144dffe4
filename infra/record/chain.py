"""The chain: one preimage per event, and the hash that makes any change show.

`dossier-event/v1`: every header column in a fixed order, each preceded by its length as four
big-endian bytes (a null is the length 0xFFFFFFFF), then prev_hash, then body_hash. The hash is
sha256(0x00 || "dossier-event/v1" || columns): the leaf hash of RFC 6962, section 2.1, so sealing
the log later adds nothing to an event, and a body may be archived while everything verifies.
Integers are big-endian (position and version 8 bytes, schema and segment 2), times are signed
64-bit microseconds since 1970-01-01T00:00Z, ids 16 bytes, text UTF-8.
`es.append_v1` computes the same bytes; golden vectors are in tests/contract/chain_vectors.json.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from struct import pack
from uuid import UUID

from domain.event import Header

ZERO = bytes(32)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NULL = b"\xff\xff\xff\xff"
_MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> bytes:
    return pack("!q", (at - EPOCH) // _MICROSECOND)


def _uuid(value: UUID | None) -> bytes | None:
    return None if value is None else value.bytes


def _text(value: str | None) -> bytes | None:
    return None if value is None else value.encode()


def preimage(h: Header) -> bytes:
    """The bytes that are hashed after 0x00."""
    columns = (
        pack("!q", h.position),
        h.event_id.bytes,
        h.stream.bytes,
        h.kind.encode(),
        pack("!q", h.version),
        h.type.encode(),
        pack("!h", h.schema),
        h.subject.bytes,
        pack("!h", h.segment),
        micros(h.at),
        h.at_precision.encode(),
        micros(h.recorded_at),
        h.actor.encode(),
        h.role.encode(),
        _text(h.on_behalf_of),
        h.purpose.encode(),
        _text(h.legal_basis),
        _uuid(h.consent_id),
        _text(h.reason),
        h.policies.encode(),
        h.correlation.bytes,
        _uuid(h.causation),
        h.command_id.bytes,
        _text(h.source_ref),
        _text(h.market),
        h.prev_hash,
        h.body_hash,
    )
    return b"dossier-event/v1" + b"".join(
        _NULL if column is None else pack("!I", len(column)) + column for column in columns
    )


def leaf_hash(header: Header) -> bytes:
    return sha256(b"\0" + preimage(header)).digest()


def body_hash(body: bytes) -> bytes:
    return sha256(body).digest()
