"""A private file of a living process, told from one that a killed process left behind by its lock.

Looking for what was left, making the file and locking it are one step under a lock of the folder:
between two of them somebody else would take the new file for one left behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


def claim(path: Path, like: str) -> int:
    """A descriptor of the empty file, 0600 and locked as long as it is open. Files of the folder
    that match `like` and that nobody holds are removed; the folder is made if need be."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with _alone_in(path.parent):
        for left in path.parent.glob(like):
            with left.open("a") as file, contextlib.suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink(missing_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        return handle


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
