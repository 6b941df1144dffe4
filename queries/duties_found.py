"""Which duties are due, done and missed, in the order of their due times?"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel

from queries.where import where
from queries.within import EVERYTHING, MARKET, Within


class DutyFound(BaseModel):
    """A period of a duty. `state`: open, performed, missed, or late (done, but not by `due_at`);
    one that is open past its `due_at` has been missed and not been noted yet. `times` is how often
    it is to be done, `done` how often it was. Periods are [`period_start`, `period_end`), UTC."""

    stream: UUID
    duty: str
    clause: str
    rule: str
    policy: str
    per: str
    whose: str | None
    owed_by: str
    period_start: datetime
    period_end: datetime
    due_at: datetime
    times: int
    done: int
    state: str
    done_at: datetime | None
    done_by: str | None
    missed_at: datetime | None


COLUMNS = ", ".join(DutyFound.model_fields)


def duties_found(
    db: Connection[Any],
    *,
    duty: str | None = None,
    state: str | None = None,
    owed_by: str | None = None,
    clause: str | None = None,
    whose: str | None = None,
    begins: datetime | None = None,
    ends: datetime | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 200,
    within: Within = EVERYTHING,
) -> list[DutyFound]:
    """`begins`, `ends`: those due in [begins, ends). `after`: the `due_at` and the stream of the
    last one seen. Whoever is narrowed to markets or teams sees what is done for all or for their
    markets, and nothing that is done for a customer."""
    filters = {"duty": duty, "state": state, "owed_by": owed_by, "clause": clause, "whose": whose}
    condition = where(
        filters,
        "due_at >= %(begins)s" if begins else "",
        "due_at < %(ends)s" if ends else "",
        "(due_at, stream) > (%(time)s, %(id)s)" if after else "",
        "per <> 'customer'" if within != EVERYTHING else "",
        MARKET if within.markets is not None else "",
    )
    time, identity = after or (None, None)
    bounds = {"begins": begins, "ends": ends, "time": time, "id": identity, "limit": limit}
    with db.cursor(row_factory=class_row(DutyFound)) as rows:
        return rows.execute(
            f"SELECT {COLUMNS} FROM read.duties WHERE {condition}"
            " ORDER BY due_at, stream LIMIT %(limit)s",
            {**filters, **within.parameters, **bounds},
        ).fetchall()
