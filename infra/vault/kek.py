"""The key-encryption key of an epoch, the installation key, and what a key file holds.

The key-encryption key wraps data keys; whoever has the database but not this key reads no personal
data, and whoever loses it has lost them all. `installation` keys the fingerprints of commands and
the hashes of outside ids. Both are 32 random bytes.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.vault.unavailable import KeysUnavailable


class KeyFileMissing(KeysUnavailable):
    """A key-encryption key is not where it should be, and the database holds sealed data."""


class WrongKeyFile(KeysUnavailable):
    """This key-encryption key is not the one the database was sealed under."""


@dataclass(frozen=True)
class KeyEncryptionKey:
    """Wraps in this process, with AES-256-GCM and a nonce at random (SP 800-38D: at most 2^32
    wraps under one epoch)."""

    secret: bytes

    def __repr__(self) -> str:
        return "<key-encryption key>"

    def wrap(self, keys: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        encrypt = AESGCM(self.secret).encrypt
        chance = os.urandom(12 * len(keys))
        nonces = [chance[n : n + 12] for n in range(0, len(chance), 12)]
        return [
            nonce + encrypt(nonce, key, bound)
            for nonce, (key, bound) in zip(nonces, keys, strict=True)
        ]

    def unwrap(self, wrapped: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        decrypt = AESGCM(self.secret).decrypt
        keys: list[bytes | None] = []
        for held, bound in wrapped:
            try:
                keys.append(decrypt(held[:12], held[12:], bound))
            except (InvalidTag, ValueError):
                keys.append(None)
        return keys


@dataclass(frozen=True)
class InstallationKey:
    """Keyed hashes that mean nothing to whoever lacks the key."""

    secret: bytes

    def __repr__(self) -> str:
        return "<installation key>"

    def fingerprint(self, payload: bytes) -> bytes:
        return hmac.digest(self.secret, b"command|" + payload, "sha256")

    def outside_name(self, source: str, external_id: str) -> bytes:
        text = f"{source}\0{external_id}".encode()
        return hmac.digest(self.secret, b"external|" + text, "sha256")

    def scope_login(self, name: str) -> str:
        """The password of a database login that sees one scope (infra/identity/scoped.py)."""
        return hmac.digest(self.secret, b"scope|" + name.encode(), "sha256").hex()

    def inbox(self) -> AESGCM:
        """What seals the payload of a queued command until a worker has taken it."""
        return AESGCM(sha256(b"inbox|" + self.secret).digest())

    def ledger_line(self, entry: bytes) -> bytes:
        """What shows that an entry of the erasure ledger is ours."""
        return hmac.digest(self.secret, b"erased|" + entry, "sha256")


def read_or_make(path: Path, *, may_make: bool) -> bytes:
    """The 32 bytes in a file; made if allowed and absent. Raises KeyFileMissing."""
    if not path.exists():
        if not may_make:
            raise KeyFileMissing(f"{path.name} is missing from the keys folder")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(32).hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)  # the first of two starters wins, whole
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    try:
        text = path.read_bytes()
    except OSError:
        raise KeyFileMissing(f"{path.name} cannot be read") from None
    return key_of(text, path.name)


def key_of(text: bytes, name: str) -> bytes:
    """The 32 bytes written as 64 hexadecimal digits. Raises WrongKeyFile, which names `name`."""
    try:
        secret = bytes.fromhex(text.decode("ascii").strip())
    except ValueError:
        raise WrongKeyFile(f"{name} is not a key") from None
    if len(secret) != 32:
        raise WrongKeyFile(f"{name} is not a 256-bit key")
    return secret
