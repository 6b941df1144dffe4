"""Signatures of the installation: Ed25519 (RFC 8032), the key in the keys folder."""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from infra.vault.kek import read_or_make


class Signer:
    """The installation's signing key, made when it is first needed."""

    def __init__(self, keys: Path) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(
            read_or_make(keys / "signing", may_make=True)
        )

    @property
    def public(self) -> str:
        """The public key in hex."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, document: bytes) -> str:
        """In hex."""
        return self._key.sign(document).hex()


def is_signed(document: bytes, signature: str, public: str) -> bool:
    """Whether the holder of this key (both in hex) signed exactly these bytes."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(signature), document)
    except (InvalidSignature, ValueError):
        return False
    return True
