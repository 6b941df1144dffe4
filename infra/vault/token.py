"""The form of a sealed value.

One token: version, category, key generation, event id, stored type, stored field path, a 12-byte
nonce, ciphertext and tag, as base64url in the JSON. AES-256-GCM (NIST SP 800-38D); the additional
data are the subject and everything before the nonce, so a token moved to another person, event or
field does not open. Type and path are those stored: an upcast never touches them.
"""

from __future__ import annotations

import struct
from binascii import Error as NotBase64
from binascii import a2b_base64, b2a_base64
from dataclasses import dataclass
from functools import lru_cache
from struct import pack, unpack_from
from typing import NamedTuple
from uuid import UUID

from domain.personal import Category

VERSION = b"v1"
NONCE, TAG = 12, 16
_CATEGORIES = tuple(Category)
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_PLAIN = bytes.maketrans(b"-_", b"+/")


class NotAToken(Exception):
    """These characters are no sealed value."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is sealed: under which key, in which event, type and field."""

    category: Category
    generation: int
    event_id: UUID
    type: str
    path: str

    def prefix(self) -> bytes:
        return (
            key_part(self.category, self.generation)
            + self.event_id.bytes
            + field_part(self.type, self.path)
        )


class Field:
    """Which field of which type, and under which of a person's keys. Equal only to itself."""

    __slots__ = ("category", "generation", "path", "slot", "type")

    def __init__(self, category: Category, generation: int, type: str, path: str) -> None:
        self.category = category
        self.generation = generation
        self.slot = category, generation
        self.type = type
        self.path = path


class Sealed(NamedTuple):
    """A token taken apart. `prefix` is everything before the nonce, which it was sealed with;
    `event` the event's id in 16 bytes."""

    field: Field
    event: bytes
    prefix: bytes
    nonce: bytes
    ciphertext: bytes

    @property
    def place(self) -> Place:
        field = self.field
        return Place(
            field.category, field.generation, UUID(bytes=self.event), field.type, field.path
        )


@lru_cache(maxsize=256)
def key_part(category: Category, generation: int) -> bytes:
    return VERSION + pack("!BH", _CATEGORIES.index(category), generation)


@lru_cache(maxsize=4_096)
def field_part(type: str, path: str) -> bytes:
    name, field = type.encode(), path.encode()
    return pack("!B", len(name)) + name + pack("!B", len(field)) + field


def additional_data(subject: UUID, place: Place) -> bytes:
    return subject.bytes + place.prefix()


def write(place: Place, nonce: bytes, sealed: bytes) -> str:
    return encoded(place.prefix() + nonce + sealed)


def encoded(raw: bytes) -> str:
    return b2a_base64(raw, newline=False).rstrip(b"=").translate(_URL_SAFE).decode("ascii")


def read(token: str) -> Sealed:
    """The parts of a token. Raises NotAToken."""
    try:
        raw = a2b_base64(token.encode("ascii").translate(_PLAIN) + b"=" * (-len(token) % 4))
        name_end = 22 + raw[21]
        path_end = name_end + 1 + raw[name_end]
        nonce_end = path_end + NONCE
        if raw[:2] != VERSION or len(raw) < nonce_end + TAG:
            raise NotAToken(token[:8])
        field = _field(raw[2:5], raw[21:path_end])
    except (NotBase64, struct.error, ValueError, IndexError) as fault:
        raise NotAToken(token[:8]) from fault
    return Sealed(field, raw[5:21], raw[:path_end], raw[path_end:nonce_end], raw[nonce_end:])


@lru_cache(maxsize=4_096)
def _field(key: bytes, names: bytes) -> Field:
    index, generation = unpack_from("!BH", key)
    name_end = 1 + names[0]
    return Field(
        _CATEGORIES[index], generation, names[1:name_end].decode(), names[name_end + 1 :].decode()
    )
