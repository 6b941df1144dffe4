"""Writes what a person can be found by, in whatever transaction the connection is in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from infra.record.batch import Findable
from infra.record.packed import Ints, Texts, Uuids

_NOTE = "SELECT ref.note_findable_v1(%s, %s, %s, %s, %s)"


def note_findable(connection: Connection[Any], rows: Sequence[Findable]) -> None:
    """The last row of a subject and a kind counts. Duplicates and look-alikes become reviews."""
    last = {(row.subject, row.kind): row for row in rows}
    if last:
        found = [last[key] for key in sorted(last)]
        connection.execute(
            _NOTE,
            (
                Uuids([row.subject for row in found]),
                Texts([row.kind for row in found]),
                Texts([row.market for row in found]),
                Ints([row.generation for row in found]),
                [row.hashes for row in found],
            ),
            prepare=True,
        )
