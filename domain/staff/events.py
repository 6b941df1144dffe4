"""What can happen to a staff member's access. Staff are named by an id, never by a name."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from domain.event import Event


class AccessEnd(StrEnum):
    """Why access ended."""

    LEFT = "left"
    POST_CHANGED = "post_changed"
    DECIDED = "decided"


class StaffJoined(Event):
    """`staff` is the id they log in under, `post` the code of what they do."""

    staff: str
    post: str


class AccessRequested(Event):
    """`markets`, `teams` None: all of them. The post may be one that is taken up later."""

    request: UUID
    staff: str
    post: str
    roles: tuple[str, ...]
    markets: tuple[str, ...] | None
    teams: tuple[str, ...] | None
    requested_by: str


class AccessApproved(Event):
    request: UUID
    approved_by: str


class AccessDeclined(Event):
    request: UUID
    declined_by: str


class AccessGranted(Event):
    """As requested and approved, carried out by `granted_by`."""

    request: UUID
    post: str
    roles: tuple[str, ...]
    markets: tuple[str, ...] | None
    teams: tuple[str, ...] | None
    granted_by: str


class AccessChanged(Event):
    """The same for somebody who already holds access: this takes the place of `replaces`."""

    request: UUID
    replaces: UUID
    post: str
    roles: tuple[str, ...]
    markets: tuple[str, ...] | None
    teams: tuple[str, ...] | None
    granted_by: str


class AccessRevoked(Event):
    """`request` is the one access was held by, and `roles` what it gave; perhaps nothing."""

    cause: AccessEnd
    request: UUID | None
    roles: tuple[str, ...]
    revoked_by: str


class StaffPostChanged(Event):
    post: str
    previous: str


class StaffLeft(Event):
    """`dropped` are the requests that were still open."""

    post: str
    dropped: tuple[UUID, ...]


StaffEvent = (
    StaffJoined
    | AccessRequested
    | AccessApproved
    | AccessDeclined
    | AccessGranted
    | AccessChanged
    | AccessRevoked
    | StaffPostChanged
    | StaffLeft
)
