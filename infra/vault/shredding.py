"""The end of a key file: overwritten, then unlinked. A disk may keep old blocks all the same."""

from __future__ import annotations

import os
from pathlib import Path


def shred(path: Path) -> None:
    """Durable when it returns, but for the name (`sync`); nothing if there is no such file."""
    try:
        descriptor = os.open(path, os.O_WRONLY)
    except FileNotFoundError:
        return
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        size = os.fstat(descriptor).st_size
        for filling in (os.urandom(size), bytes(size)):
            file.seek(0)
            file.write(filling)
            os.fsync(descriptor)
    path.unlink()


def sync(folder: Path) -> None:
    """So that a name made or removed in it stays so after a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
