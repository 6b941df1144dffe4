"""The access of staff: one row per request, from asking to the end.

Times of holding are those of recording, for that is when the doors open and shut. That requester
and approver are two people, and that nobody grants their own, are rules of the domain and
constraints of this table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never, cast, get_args
from uuid import UUID

from domain.staff.events import (
    AccessApproved,
    AccessChanged,
    AccessDeclined,
    AccessGranted,
    AccessRequested,
    AccessRevoked,
    StaffEvent,
    StaffJoined,
    StaffLeft,
    StaffPostChanged,
)
from projections.projection import Entry, Projection, Rows
from projections.table import Key, Table

ASKED, APPROVED, DECLINED, DROPPED = "asked", "approved", "declined", "dropped"
HELD, REPLACED, ENDED = "held", "replaced", "ended"


@dataclass(slots=True)
class StaffAccessRow:
    request: UUID
    staff: str
    post: str
    roles: list[str]
    markets: list[str] | None
    teams: list[str] | None
    state: str
    requested_by: str
    asked_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    granted_by: str | None = None
    access_from: datetime | None = None
    access_until: datetime | None = None
    reason: str | None = None


def fold(rows: Rows[StaffAccessRow], entry: Entry) -> None:
    event, recorded_at = cast("StaffEvent", entry.event), entry.origin.recorded_at
    match event:
        case AccessRequested():
            rows[event.request] = StaffAccessRow(
                request=event.request,
                staff=event.staff,
                post=event.post,
                roles=list(event.roles),
                markets=None if event.markets is None else list(event.markets),
                teams=None if event.teams is None else list(event.teams),
                state=ASKED,
                requested_by=event.requested_by,
                asked_at=event.at,
            )
        case AccessApproved():
            row = rows[event.request]
            row.state, row.approved_by, row.approved_at = APPROVED, event.approved_by, event.at
        case AccessDeclined():
            rows[event.request].state = DECLINED
        case AccessGranted() | AccessChanged():
            row = rows[event.request]
            row.state, row.granted_by, row.access_from = HELD, event.granted_by, recorded_at
            if isinstance(event, AccessChanged):
                replaced = rows[event.replaces]
                replaced.state, replaced.access_until = REPLACED, recorded_at
        case AccessRevoked():
            if event.request is not None:
                row = rows[event.request]
                row.state, row.access_until, row.reason = ENDED, recorded_at, event.cause
        case StaffLeft():
            for request in event.dropped:
                rows[request].state = DROPPED
        case StaffJoined() | StaffPostChanged():
            pass
        case _:
            assert_never(event)


def keys(entry: Entry) -> Iterable[Key]:
    event = cast("StaffEvent", entry.event)
    match event:
        case AccessApproved() | AccessDeclined() | AccessGranted():
            return (event.request,)
        case AccessChanged():
            return (event.request, event.replaces)
        case AccessRevoked() if event.request is not None:
            return (event.request,)
        case StaffLeft():
            return event.dropped
        case _:
            return ()


STAFF_ACCESS = Projection(
    name="staff_access",
    version=1,
    table=Table(
        name="staff_access",
        says="Access of staff: who asked, who approved, what is held, since and until when",
        row=StaffAccessRow,
        key=("request",),
        indexes=("(staff)", "(access_from)"),
        checks=("approved_by NOT IN (requested_by, staff)", "granted_by <> staff"),
        for_analysts=False,
    ),
    on=get_args(StaffEvent),
    keys=keys,
    fold=fold,
    parks_by="stream",
    shows=("recorded_at",),
)
