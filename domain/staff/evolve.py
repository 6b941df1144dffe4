"""How the events of a staff member's access add up. Refuses nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never
from uuid import UUID

from domain.staff.access import Holding, Request, RequestState, StaffAccess
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


def evolve(access: StaffAccess | None, event: StaffEvent) -> StaffAccess:
    if isinstance(event, StaffJoined):
        return StaffAccess(staff=event.staff, post=event.post)
    assert access is not None, "a staff member's history begins with StaffJoined"
    match event:
        case AccessRequested():
            return replace(
                access, requests={**access.requests, event.request: Request(asked=event)}
            )
        case AccessApproved():
            approved = replace(access.requests[event.request], state=RequestState.APPROVED)
            return replace(access, requests={**access.requests, event.request: approved})
        case AccessDeclined():
            return _without(access, event.request)
        case AccessGranted() | AccessChanged():
            held = Holding(
                request=event.request,
                roles=event.roles,
                markets=event.markets,
                teams=event.teams,
            )
            return replace(_without(access, event.request), held=held)
        case AccessRevoked():
            return replace(access, held=None)
        case StaffPostChanged():
            return replace(access, post=event.post)
        case StaffLeft():
            return replace(access, left=True, requests={})
        case _:
            assert_never(event)


def _without(access: StaffAccess, request: UUID) -> StaffAccess:
    left = {id: kept for id, kept in access.requests.items() if id != request}
    return replace(access, requests=left)
