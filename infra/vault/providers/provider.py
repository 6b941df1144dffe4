"""A provider of key-encryption keys: makes one per epoch, wraps with it, and destroys it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Kek(Protocol):
    """The key-encryption key of one epoch."""

    def wrap(self, keys: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Each key wrapped; its second part is what it is bound to and must be given again."""

    def unwrap(self, wrapped: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        """The keys, in order; None for what this key did not wrap, or not bound to that."""


class KekProvider(Protocol):
    """Raises KeyFileMissing where it has no key of that epoch, WrongKeyFile where what it has is
    no key, KeysUnavailable where it cannot be reached."""

    def make(self, epoch: int) -> None:
        """Makes the key of an epoch; nothing happens if it is there."""

    def kek(self, epoch: int) -> Kek: ...

    def destroy(self, epoch: int) -> None:
        """Makes the key of an epoch unusable for good; nothing happens if it is gone."""

    def newest(self) -> int:
        """The highest epoch it has a key of; 0 if none."""
