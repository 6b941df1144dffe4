"""The erasure ledger: whose keys were destroyed, kept beside the keys and outside the database.

A database restored from a backup does not know what was erased after it. The ledger does: at
start, before anything is opened, every erasure in it is applied again. It names subjects by id.
"""

from __future__ import annotations

import fcntl
import hmac
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple
from uuid import UUID

from domain.personal import Category
from infra.vault.kek import InstallationKey
from infra.vault.unavailable import KeysUnavailable


class LedgerDamaged(KeysUnavailable):
    """A line of the erasure ledger was changed, so who is erased cannot be told."""


class Erased(NamedTuple):
    """`categories` None: all there are, and those to come."""

    subject: UUID
    categories: frozenset[Category] | None


class ErasureLedger:
    """One line per erasure, each with its HMAC under the installation key."""

    def __init__(self, path: Path, installation: InstallationKey) -> None:
        self._path = path
        self._installation = installation

    def note(self, subject: UUID, categories: Iterable[Category] | None) -> None:
        """Durable when it returns."""
        entry = json.dumps(
            {
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "categories": None if categories is None else sorted(categories),
                "subject": str(subject),
            }
        ).encode()
        line = entry + b" " + self._installation.ledger_line(entry).hex().encode() + b"\n"
        with self._opened() as file:
            file.seek(_whole(file))
            file.truncate()
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def entries(self) -> Iterator[Erased]:
        """In the order they were made. A last line cut off by a crash is none: the keys had not
        been touched then. Raises LedgerDamaged."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return
                entry, _, shown = line[:-1].rpartition(b" ")
                ours = self._installation.ledger_line(entry).hex().encode()
                if not hmac.compare_digest(shown, ours):
                    raise LedgerDamaged(f"line {number} of the erasure ledger is not ours")
                said = json.loads(entry)
                some = said["categories"]
                yield Erased(
                    UUID(said["subject"]), None if some is None else frozenset(map(Category, some))
                )

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield file


def _whole(file: BinaryIO) -> int:
    """Where the last complete line ends."""
    text = file.read()
    return text.rfind(b"\n") + 1
