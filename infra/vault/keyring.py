"""The keys of each subject, one per category: what whoever seals or opens asks of them.

`postgres_keyring.py` keeps them in the database, `memory_keyring.py` in a test's memory.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.keys import DestroyedKey
from domain.personal import Category
from domain.refusal import Refused
from infra.vault.opening_key import OpeningKey, Pair, Reference
from infra.vault.token import key_part
from infra.vault.unavailable import KeysUnavailable

__all__ = [
    "DataKey",
    "KeyNotAsRecorded",
    "Keyring",
    "KeysUnavailable",
    "OpeningKey",
    "Pair",
    "Reference",
    "commitment",
    "is_committed",
]


class KeyNotAsRecorded(Refused):
    """A key does not unwrap, or is not the one the record says was made. Parameters: customer,
    category, generation."""


class DataKey:
    """An active key, ready to seal. `announced`: SubjectKeyCreated for it is in the record."""

    __slots__ = (
        "announced", "category", "commitment", "encrypt", "generation", "key_part", "owner",
        "secret", "subject",
    )  # fmt: skip

    def __init__(
        self,
        subject: UUID,
        category: Category,
        generation: int,
        secret: bytes,
        commitment: str,
        announced: bool,
    ) -> None:
        self.subject = subject
        self.category = category
        self.generation = generation
        self.secret = secret
        self.commitment = commitment
        self.announced = announced
        self.owner = subject.bytes
        self.key_part = key_part(category, generation)
        self.encrypt = AESGCM(secret).encrypt

    def __repr__(self) -> str:
        return f"<data key, {self.category}/{self.generation}>"


class Keyring(Protocol):
    def for_sealing(self, pairs: Iterable[Pair]) -> Mapping[Pair, DataKey]:
        """The active key of each pair, made if there is none. CustomerErased if one is fenced or
        destroyed; ProcessingRestricted; KeyNotAsRecorded; KeysUnavailable."""

    def for_opening(self, references: Iterable[Reference]) -> Mapping[Reference, OpeningKey]:
        """Those keys that still exist; what is destroyed or fenced is left out. KeyNotAsRecorded,
        KeysUnavailable."""

    def restrict(self, subject: UUID, categories: Iterable[Category]) -> None:
        """From now on these open for few purposes only, and nothing is added under them."""

    def lift(self, subject: UUID, categories: Iterable[Category]) -> None:
        """Ends a restriction. What is destroyed stays so."""

    def destroy(
        self, subject: UUID, categories: Iterable[Category] | None = None
    ) -> Sequence[DestroyedKey]:
        """Destroys the keys of these categories, or all of them and fences the subject; whatever
        has ever been destroyed of those, by name and commitment. Again: the same answer."""

    def forget(self, pairs: Iterable[Pair]) -> None:
        """Drops what this process remembers of these keys."""


def commitment(secret: bytes) -> str:
    """Binds a key to what the record says of it, so that it cannot be exchanged unseen."""
    return hmac.digest(secret, b"dossier key commitment v1", "sha256").hex()


def is_committed(secret: bytes, held: str) -> bool:
    """Whether this is the key of a commitment, in constant time."""
    return hmac.compare_digest(commitment(secret).encode(), held.encode())
