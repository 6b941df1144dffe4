"""At which version of a case does what is shown of it stand?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.timer_events import TIMERS

NO_FACTS = [event.__name__ for event in TIMERS]


def fact_version(db: Connection[Any], stream: UUID, shown_by: Sequence[str]) -> int | None:
    """The version of the last fact that all of these projections show; None if there is none.

    Never ahead of what is shown: who reads an older state and insists on its version is told that
    the record has moved on. Call it in the same snapshot as what it describes.
    """
    row = db.execute(
        """
        SELECT max(h.version) FROM read.history h
        WHERE h.stream = %s AND h.type <> ALL(%s) AND h.position <= (
          SELECT min(t.position) FROM es.projection p JOIN es.tracking t USING (name, version)
          WHERE p.state = 'live' AND p.name = ANY(%s))
        """,
        (stream, NO_FACTS, ["history", *shown_by]),
    ).fetchone()
    return None if row is None else row[0]
