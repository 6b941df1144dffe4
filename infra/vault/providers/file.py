"""Key-encryption keys in files, one per epoch: `kek-1`, `kek-2` ..., mode 0600.

An installation from before there were epochs has one file `kek`, which is the key of epoch 1.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from infra.vault.kek import KeyEncryptionKey, read_or_make
from infra.vault.shredding import shred, sync


class FileKeks:
    """The keys in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        alone = folder / "kek"
        if alone.exists() and not self._path(1).exists():
            with suppress(FileNotFoundError):  # another process was faster
                alone.rename(self._path(1))

    def make(self, epoch: int) -> None:
        read_or_make(self._path(epoch), may_make=True)
        sync(self._folder)

    def kek(self, epoch: int) -> KeyEncryptionKey:
        return KeyEncryptionKey(read_or_make(self._path(epoch), may_make=False))

    def destroy(self, epoch: int) -> None:
        """Overwritten, then unlinked. A disk may keep old blocks all the same."""
        shred(self._path(epoch))
        sync(self._folder)

    def newest(self) -> int:
        numbers = (re.fullmatch(r"kek-(\d+)", path.name) for path in self._folder.iterdir())
        return max((int(found[1]) for found in numbers if found), default=0)

    def _path(self, epoch: int) -> Path:
        return self._folder / f"kek-{epoch}"
