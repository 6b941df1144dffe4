"""What can happen to a period of a duty."""

from __future__ import annotations

from datetime import datetime

from domain.event import Event


class DutyPeriodOpened(Event):
    """`at` is when the period began, [`period_start`, `period_end`).

    `per` says for whom the duty is done, `whose` names them where it is not the organisation: a
    market, a staff id, a customer's id. `role` is whose duty it is, `times` how often it is done,
    `warn_at` when they are reminded. `policy` is name@version.
    """

    duty: str
    rule: str
    clause: str
    policy: str
    period_start: datetime
    period_end: datetime
    due_at: datetime
    per: str
    role: str
    times: int
    whose: str | None = None
    warn_at: datetime | None = None


class DutyPerformed(Event):
    """`what` was done, as a code; `by` is a staff id."""

    what: str
    by: str


class DutyMissed(Event):
    """`at` is the time by which it was due, whenever that was noted; `done` is how often it had
    been done by then. Done in time and told late, it is missed no more."""

    due_at: datetime
    done: int


DutyEvent = DutyPeriodOpened | DutyPerformed | DutyMissed
