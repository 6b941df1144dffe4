"""Waiting for the projections: how far they are, and whether a position has been reached."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from psycopg import Connection

POLL_SECONDS = 0.02


class Progress(NamedTuple):
    """How far a projection is: `behind` counts positions up to the watermark."""

    name: str
    build: int
    state: str
    position: int
    behind: int


def progress(connection: Connection[Any]) -> list[Progress]:
    """Every build there is, by name."""
    rows = connection.execute(
        "SELECT p.name, p.version, p.state, t.position, greatest(w.position - t.position, 0)"
        " FROM es.projection p JOIN es.tracking t USING (name, version) CROSS JOIN es.watermark w"
        " ORDER BY p.name, p.version"
    )
    return [Progress(*row) for row in rows]


def wait_for(
    connect: Callable[[], AbstractContextManager[Connection[Any]]],
    position: int,
    names: Sequence[str],
    timeout: float,
) -> bool:
    """Whether these projections show everything up to a position, waiting for it if need be.

    `timeout` is in seconds. A reader who has just written asks this with the position it was told.
    """
    until = time.monotonic() + timeout
    with connect() as connection:
        while True:
            row = connection.execute(
                "SELECT count(*) FROM es.projection p JOIN es.tracking t USING (name, version)"
                " WHERE p.state = 'live' AND p.name = ANY(%s) AND t.position >= %s",
                (list(names), position),
            ).fetchone()
            if row is not None and row[0] == len(set(names)):
                return True
            if time.monotonic() >= until:
                return False
            time.sleep(POLL_SECONDS)
