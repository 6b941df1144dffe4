"""What seals queued commands until a worker has taken them: a key that ends when an epoch does.

A queued command may hold what a person is about to be recorded with. Once it is taken its text is
gone from the table, and stays in the log and in every backup; so the key has to go as well. A text
says by which key it is sealed: `generation (4 bytes) | nonce (12) | ciphertext`.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.vault.kek import InstallationKey, KeyFileMissing, read_or_make
from infra.vault.shredding import shred, sync

_NAME = re.compile(r"inbox-(\d+)")
_HEAD, _NONCE = 4, 12


class InboxKeys:
    """The files `inbox-1`, `inbox-2` ... of a keys folder; the last seals, all of them open.

    `installation` opens what was sealed before there were such files.
    """

    def __init__(self, folder: Path, installation: InstallationKey) -> None:
        self._folder = folder
        self._before = installation.inbox()
        self._known: dict[int, AESGCM] = {}

    @contextmanager
    def held(self, *, alone: bool = False) -> Iterator[None]:
        """While texts are sealed and stored, or read and opened: no key ends meanwhile. `alone`:
        for who ends one."""
        descriptor = os.open(self._folder / ".inbox.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            yield
        finally:
            os.close(descriptor)

    def seal(self, text: bytes, about: bytes) -> bytes:
        """Under the newest key, made if there is none; `about` has to be said again to open it."""
        generation = max(self._present(), default=1)
        nonce = os.urandom(_NONCE)
        head = generation.to_bytes(_HEAD)
        sealed = self._key(generation, may_make=True).encrypt(nonce, text, head + about)
        return head + nonce + sealed

    def open(self, payload: bytes, about: bytes) -> bytes:
        """Raises InvalidTag: the key has ended, or this is not what was sealed."""
        head, nonce = payload[:_HEAD], payload[_HEAD : _HEAD + _NONCE]
        try:
            key = self._key(int.from_bytes(head), may_make=False)
            return key.decrypt(nonce, payload[_HEAD + _NONCE :], head + about)
        except (InvalidTag, KeyFileMissing):
            return self._before.decrypt(payload[:_NONCE], payload[_NONCE:], about)

    def open_or_none(self, payload: bytes, about: bytes) -> bytes | None:
        """None: the key has ended, or this is not what was sealed."""
        try:
            return self.open(payload, about)
        except (InvalidTag, ValueError):
            return None

    def again(self, payload: bytes, about: bytes) -> bytes:
        """The same under the newest key; what does not open stays as it is."""
        try:
            return self.seal(self.open(payload, about), about)
        except InvalidTag:
            return payload

    def add(self) -> None:
        """A new key, by which everything is sealed from now on."""
        self._key(max(self._present(), default=0) + 1, may_make=True)
        sync(self._folder)

    def end_all_but_newest(self) -> None:
        """What they sealed opens no more, wherever it lies. Hold `alone`."""
        *old, _ = sorted(self._present())
        for generation in old:
            shred(self._path(generation))
            self._known.pop(generation, None)
        sync(self._folder)

    def _key(self, generation: int, *, may_make: bool) -> AESGCM:
        path = self._path(generation)
        known = self._known.get(generation)
        if known is None or not path.exists():
            known = AESGCM(read_or_make(path, may_make=may_make))
            self._known[generation] = known
        return known

    def _present(self) -> set[int]:
        found = (_NAME.fullmatch(path.name) for path in self._folder.iterdir())
        return {int(each[1]) for each in found if each}

    def _path(self, generation: int) -> Path:
        return self._folder / f"inbox-{generation}"
