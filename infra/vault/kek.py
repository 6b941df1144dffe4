"""The key-encryption key and the installation key: two files outside the database's folder.

`kek` wraps every data key; whoever has the database but not this file reads no personal data, and
whoever loses it has lost them all. `installation` keys the fingerprints of commands and the hashes
of outside ids. Both are 32 random bytes, mode 0600, made once.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

EPOCH = 1
_KNOWN = b"dossier known answer v1"


class KeyFileMissing(Exception):
    """The key-encryption key is not where it should be, and the database holds sealed data."""


class WrongKeyFile(Exception):
    """This key-encryption key is not the one the database was sealed under."""


@dataclass(frozen=True)
class KeyEncryptionKey:
    secret: bytes
    epoch: int = EPOCH

    def __repr__(self) -> str:
        return f"<key-encryption key, epoch {self.epoch}>"

    def wrap(self, key: bytes, subject: UUID, category: str, generation: int) -> bytes:
        nonce = os.urandom(12)
        aad = self._aad(subject, category, generation)
        return nonce + AESGCM(self.secret).encrypt(nonce, key, aad)

    def unwrap(self, wrapped: bytes, subject: UUID, category: str, generation: int) -> bytes:
        aad = self._aad(subject, category, generation)
        return AESGCM(self.secret).decrypt(wrapped[:12], wrapped[12:], aad)

    def known_answer(self) -> bytes:
        nonce = os.urandom(12)
        return nonce + AESGCM(self.secret).encrypt(nonce, _KNOWN, None)

    def check(self, answer: bytes) -> None:
        """Raises WrongKeyFile unless this key made the answer."""
        try:
            AESGCM(self.secret).decrypt(answer[:12], answer[12:], None)
        except InvalidTag:
            raise WrongKeyFile(
                "the key-encryption key does not fit this database; put the right file back"
            ) from None

    def _aad(self, subject: UUID, category: str, generation: int) -> bytes:
        return b"%d|%b|%b|%d" % (self.epoch, subject.bytes, category.encode(), generation)


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

    def inbox(self) -> AESGCM:
        """What seals the payload of a queued command until a worker has taken it."""
        return AESGCM(sha256(b"inbox|" + self.secret).digest())


def read_or_make(path: Path, *, may_make: bool) -> bytes:
    """The 32 bytes in a file; made if allowed and absent. Raises KeyFileMissing."""
    if not path.exists():
        if not may_make:
            raise KeyFileMissing(f"{path.name} is missing from the keys folder")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
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
        secret = bytes.fromhex(path.read_text("ascii").strip())
    except ValueError:
        raise WrongKeyFile(f"{path.name} in the keys folder is not a key") from None
    if len(secret) != 32:
        raise WrongKeyFile(f"{path.name} in the keys folder is not a 256-bit key")
    return secret
