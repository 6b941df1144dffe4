"""Key-encryption keys in the environment: DOSSIER_KEK_1, or the file named in DOSSIER_KEK_1_FILE.

Each is 64 hexadecimal digits. The environment is the operator's: this provider makes no key, and
whoever destroys an epoch removes it from wherever the environment comes from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from domain.refusal import Refused
from infra.vault.kek import KeyEncryptionKey, KeyFileMissing, key_of


class EpochStillGiven(Refused):
    """The environment still has a key that is to be destroyed; the operator has to remove it.
    Parameters: variable."""


class EpochNotGiven(Refused):
    """The environment has no key for the new epoch yet. Parameters: variable."""


class EnvironmentKeks:
    """The keys in the variables given, looked at whenever a key is asked for."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def make(self, epoch: int) -> None:
        """Raises EpochNotGiven until the operator has given it."""
        try:
            self.kek(epoch)
        except KeyFileMissing:
            raise EpochNotGiven(variable=f"DOSSIER_KEK_{epoch}") from None

    def kek(self, epoch: int) -> KeyEncryptionKey:
        name = f"DOSSIER_KEK_{epoch}"
        if (text := self._environment.get(name)) is not None:
            return KeyEncryptionKey(key_of(text.encode(), name))
        if (file := self._environment.get(f"{name}_FILE")) is not None:
            try:
                return KeyEncryptionKey(key_of(Path(file).read_bytes(), f"{name}_FILE"))
            except OSError:
                raise KeyFileMissing(f"the file named in {name}_FILE cannot be read") from None
        raise KeyFileMissing(f"{name} is not set")

    def destroy(self, epoch: int) -> None:
        """Raises EpochStillGiven until the operator has removed it."""
        name = f"DOSSIER_KEK_{epoch}"
        if name in self._environment or f"{name}_FILE" in self._environment:
            raise EpochStillGiven(variable=name)

    def newest(self) -> int:
        found = (re.fullmatch(r"DOSSIER_KEK_(\d+)(_FILE)?", name) for name in self._environment)
        return max((int(one[1]) for one in found if one), default=0)
