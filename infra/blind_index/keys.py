"""The keys of the blind index: one file per generation, one derived key per market.

Whoever has a key file and the table can try every phone number there is (10^10 and less), so the
file lies apart from the database, is no other key, and a leak of it asks for a rotation.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg import Connection

from domain.refusal import Refused
from infra.vault.kek import KeyFileMissing, WrongKeyFile, read_or_make

NAME = "blind-index"
SALT = b"dossier blind index v1"
HASH = 16
GRAM = 4
Connect = Callable[[], AbstractContextManager[Connection[Any]]]


class BlindIndexUnavailable(Refused):
    """Nobody can be found by a value now: the key of the blind index is missing or not the one
    the index was made with. Parameters: generation."""


def hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA256 (RFC 5869), one block: 32 bytes."""
    return hmac.digest(hmac.digest(salt, secret, "sha256"), info + b"\x01", "sha256")


@dataclass(frozen=True)
class BlindKey:
    """The key of one generation. Equal values have equal hashes within a market and a kind, and
    nowhere else."""

    generation: int
    secret: bytes = field(repr=False)
    _markets: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    def hash(self, kind: str, market: str | None, text: str) -> bytes:
        return self._digest(kind, market, text)[:HASH]

    def grams(self, kind: str, market: str | None, grams: set[str]) -> bytes:
        """Four bytes for each, in order: short on purpose, so that many share one."""
        return b"".join(sorted(self._digest(kind, market, gram)[:GRAM] for gram in grams))

    def proof(self) -> bytes:
        """Tells this key from another one, and nothing else."""
        return hmac.digest(self.secret, SALT + b" proof", "sha256")[:HASH]

    def _digest(self, kind: str, market: str | None, text: str) -> bytes:
        name = market or ""
        if name not in self._markets:
            self._markets[name] = hkdf(self.secret, SALT, name.encode())
        return hmac.digest(self._markets[name], f"{kind}\0{text}".encode(), "sha256")


class BlindKeys:
    """The generations there are. A process sees a new one when it next needs a key."""

    def __init__(self, folder: Path, connect: Connect) -> None:
        self._folder = folder
        self._connect = connect
        self._known: dict[int, BlindKey] = {}

    def current(self) -> BlindKey:
        """The newest. Raises BlindIndexUnavailable."""
        keys = self.all()
        return keys[max(keys)]

    def all(self) -> dict[int, BlindKey]:
        """Every generation with a file, by number. Raises BlindIndexUnavailable."""
        present = self._present()
        if not present or present - self._known.keys():
            self._load()
            present = self._present()
        return {generation: self._known[generation] for generation in present}

    def add(self) -> BlindKey:
        """A fresh generation, which every process uses from now on."""
        generation = max(self.all()) + 1
        secret = read_or_make(self._path(generation), may_make=True)
        key = BlindKey(generation, secret)
        self._announce(key)
        self._known[generation] = key
        return key

    def forget_loaded(self) -> None:
        """Reads the files anew when next asked."""
        self._known.clear()

    def remove(self, generation: int) -> None:
        """A generation that no row is under any more."""
        with self._connect() as connection:
            connection.execute("DELETE FROM ref.blind_key WHERE generation = %s", (generation,))
        self._path(generation).unlink(missing_ok=True)
        self._known.pop(generation, None)

    def _load(self) -> None:
        with self._connect() as connection:
            rows = connection.execute("SELECT generation, proof FROM ref.blind_key").fetchall()
        proofs = {generation: bytes(proof) for generation, proof in rows}
        if not proofs and not self._present():
            self._announce(BlindKey(1, read_or_make(self._path(1), may_make=True)))
            return self._load()
        newest = max([*proofs, *self._present()])
        for generation in self._present() | {newest}:
            try:
                key = BlindKey(generation, read_or_make(self._path(generation), may_make=False))
            except (KeyFileMissing, WrongKeyFile):
                raise BlindIndexUnavailable(generation=generation) from None
            if not proofs and generation == newest:
                self._announce(key)  # a database restored from before there was an index
            elif generation in proofs and not hmac.compare_digest(proofs[generation], key.proof()):
                raise BlindIndexUnavailable(generation=generation)
            self._known[generation] = key
        return None

    def _announce(self, key: BlindKey) -> None:
        with self._connect() as connection:
            connection.execute(
                "INSERT INTO ref.blind_key (generation, proof) VALUES (%s, %s)"
                " ON CONFLICT DO NOTHING",
                (key.generation, key.proof()),
            )

    def _present(self) -> set[int]:
        numbers = (path.name.removeprefix(f"{NAME}-") for path in self._folder.glob(f"{NAME}-*"))
        return {int(number) for number in numbers if number.isdecimal()}

    def _path(self, generation: int) -> Path:
        return self._folder / f"{NAME}-{generation}"
