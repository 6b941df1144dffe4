"""A staff member's access, and the decisions about it. How events add up to it: `evolve.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Unpack
from uuid import UUID, uuid5

from domain.event import Frozen
from domain.staff import refusals
from domain.staff.events import (
    AccessApproved,
    AccessChanged,
    AccessDeclined,
    AccessEnd,
    AccessGranted,
    AccessRequested,
    AccessRevoked,
    StaffEvent,
    StaffJoined,
    StaffLeft,
    StaffPostChanged,
)
from domain.staff.roles import must_go_together
from domain.when import When

_STAFF = UUID("a5e1b1f0-5c0e-5f4e-9d5a-7c1f6a3f2b10")


def staff_stream(staff: str) -> UUID:
    """The stream of the staff member with this id."""
    return uuid5(_STAFF, staff)


class RequestState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"


class Request(Frozen):
    """A request that has been neither declined nor carried out."""

    asked: AccessRequested
    state: RequestState = RequestState.ASKED


class Holding(Frozen):
    """What is held now, by which request. None: every market, every team."""

    request: UUID
    roles: tuple[str, ...]
    markets: tuple[str, ...] | None
    teams: tuple[str, ...] | None


class StaffAccess(Frozen):
    staff: str
    post: str
    left: bool = False
    requests: Mapping[UUID, Request] = field(default_factory=dict)
    held: Holding | None = None

    def join(self, post: str, **when: Unpack[When]) -> list[StaffEvent]:
        """Again, after having left; what was held then does not come back."""
        if not self.left:
            raise refusals.StaffHasJoined(staff=self.staff)
        return [StaffJoined(staff=self.staff, post=post, **when)]

    def request(self, asked: AccessRequested) -> list[StaffEvent]:
        """Raises RolesExclude for what nobody holds together."""
        self.must_be_here()
        must_go_together(asked.roles)
        return [asked]

    def approve(self, request: UUID, *, by: str, **when: Unpack[When]) -> list[StaffEvent]:
        self._must_be_another(self._open(request), by)
        return [AccessApproved(request=request, approved_by=by, **when)]

    def decline(self, request: UUID, *, by: str, **when: Unpack[When]) -> list[StaffEvent]:
        self._must_be_another(self._open(request), by)
        return [AccessDeclined(request=request, declined_by=by, **when)]

    def grant(self, request: UUID, *, by: str, **when: Unpack[When]) -> list[StaffEvent]:
        """Carries an approved request out. Nobody does that for themselves."""
        self.must_be_here()
        found = self.requests.get(request)
        if found is None:
            raise refusals.NoSuchRequest(request=str(request))
        if found.state is not RequestState.APPROVED:
            raise refusals.AccessNotApproved(request=str(request))
        if by == self.staff:
            raise refusals.SelfApproval(by=by)
        if found.asked.post != self.post:
            raise refusals.AccessOfAnotherPost(post=self.post, asked_for=found.asked.post)
        return [_given(found.asked, by, self.held, **when)]

    def change_post(
        self, post: str, *, by: str, now: datetime, **when: Unpack[When]
    ) -> list[StaffEvent]:
        """The old post's access ends at once; what was approved for the new one takes its place."""
        self.must_be_here()
        if post == self.post:
            return []
        events: list[StaffEvent] = [StaffPostChanged(post=post, previous=self.post, **when)]
        events.append(self._revoked(AccessEnd.POST_CHANGED, by, at=now))
        ready = [
            request.asked
            for request in self.requests.values()
            if request.state is RequestState.APPROVED and request.asked.post == post
        ]
        if ready and by != self.staff:
            events.append(_given(ready[-1], by, None, at=now))
        return events

    def leave(self, *, by: str, now: datetime, **when: Unpack[When]) -> list[StaffEvent]:
        """Access ends when this is recorded, which is what the promise is measured by."""
        if self.left:
            return []
        left = StaffLeft(post=self.post, dropped=tuple(sorted(self.requests)), **when)
        return [left, self._revoked(AccessEnd.LEFT, by, at=now)]

    def revoke(self, *, by: str, **when: Unpack[When]) -> list[StaffEvent]:
        if self.held is None:
            raise refusals.NoAccessHeld(staff=self.staff)
        return [self._revoked(AccessEnd.DECIDED, by, **when)]

    def must_be_here(self) -> None:
        if self.left:
            raise refusals.StaffHasLeft(staff=self.staff)

    def _open(self, request: UUID) -> AccessRequested:
        self.must_be_here()
        found = self.requests.get(request)
        if found is None or found.state is not RequestState.ASKED:
            raise refusals.NoSuchRequest(request=str(request))
        return found.asked

    def _must_be_another(self, asked: AccessRequested, by: str) -> None:
        if by in (asked.requested_by, self.staff):
            raise refusals.SelfApproval(by=by)

    def _revoked(self, cause: AccessEnd, by: str, **when: Unpack[When]) -> AccessRevoked:
        return AccessRevoked(
            cause=cause,
            request=self.held.request if self.held else None,
            roles=self.held.roles if self.held else (),
            revoked_by=by,
            **when,
        )


def _given(
    asked: AccessRequested, by: str, held: Holding | None, **when: Unpack[When]
) -> AccessGranted | AccessChanged:
    if held is None:
        return AccessGranted(
            request=asked.request,
            post=asked.post,
            roles=asked.roles,
            markets=asked.markets,
            teams=asked.teams,
            granted_by=by,
            **when,
        )
    return AccessChanged(
        request=asked.request,
        replaces=held.request,
        post=asked.post,
        roles=asked.roles,
        markets=asked.markets,
        teams=asked.teams,
        granted_by=by,
        **when,
    )
