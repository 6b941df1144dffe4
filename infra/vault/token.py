"""The form of a sealed value.

One token: version, category, key generation, event id, stored type, stored field path, a 12-byte
nonce, ciphertext and tag, as base64url in the JSON. AES-256-GCM (NIST SP 800-38D); the additional
data are the subject and everything before the nonce, so a token moved to another person, event or
field does not open. Type and path are those stored: an upcast never touches them.
"""

from __future__ import annotations

import struct
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from binascii import b2a_base64
from dataclasses import dataclass
from functools import lru_cache
from struct import pack, unpack_from
from uuid import UUID

from domain.personal import Category

VERSION = b"v1"
NONCE = 12
_CATEGORIES = tuple(Category)
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


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


def read(token: str) -> tuple[Place, bytes, bytes]:
    """The place, the nonce, and ciphertext with tag. Raises NotAToken."""
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        if raw[:2] != VERSION:
            raise NotAToken(token[:8])
        index, generation = unpack_from("!BH", raw, 2)
        event_id = UUID(bytes=raw[5:21])
        name_end = 22 + raw[21]
        path_end = name_end + 1 + raw[name_end]
        place = Place(
            category=_CATEGORIES[index],
            generation=generation,
            event_id=event_id,
            type=raw[22:name_end].decode(),
            path=raw[name_end + 1 : path_end].decode(),
        )
    except (NotBase64, struct.error, ValueError, IndexError) as fault:
        raise NotAToken(token[:8]) from fault
    if len(raw) < path_end + NONCE + 16:
        raise NotAToken(token[:8])
    return place, raw[path_end : path_end + NONCE], raw[path_end + NONCE :]
