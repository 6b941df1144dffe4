"""Pours a file or a pipe through a stream, and has PostgreSQL's own dumps read back first."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import IO

from infra.scan.report import Heard, Store
from infra.scan.spelling import Spellings
from infra.scan.stream import Stream

BLOCK = 1 << 20


def pour(
    source: IO[bytes] | None, place: str, store: Store, spellings: Spellings, heard: Heard
) -> None:
    assert source is not None
    stream = Stream(
        spellings,
        lambda number, through: store.note(place, number, through),
        lambda why: store.skip(place, why),
    )
    while block := source.read(BLOCK):
        stream.feed(block)
        store.bytes += len(block)
        heard(store.name, store.bytes)
    stream.close()


def restored(programs: Path, archive: IO[bytes]) -> subprocess.Popen[bytes]:
    """A custom-format dump as text; close it with `with`."""
    return subprocess.Popen(
        [str(programs / "pg_restore"), "--file=-"],
        env={"PATH": os.defpath},
        stdin=archive,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
