"""Access is asked for, for a staff member in a post (RR-T-3.3a, RR-T-3.3b)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from commands.command import Append, Command, Desk
from commands.fields import Code, MarketCode, StaffId
from commands.staff.record import find, recorded
from domain.staff.events import AccessRequested
from domain.staff.roles import STAFF_ROLES

Role = StrEnum("Role", {role: role for role in sorted(STAFF_ROLES)})  # type: ignore[misc]


class RequestAccess(Command):
    """`roles` in order of preference. `markets`, `teams`: null asks for all of them, and has to be
    said. The post may be one that is taken up later. `reason` says why."""

    PURPOSE: ClassVar[str] = "dpv:RecordManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset({"crm_admin", "supervisor", "department_head"})

    staff_id: StaffId
    post: Code
    roles: Annotated[tuple[Role, ...], Field(min_length=1, max_length=20)]
    markets: Annotated[tuple[MarketCode, ...], Field(max_length=300)] | None
    teams: Annotated[tuple[Code, ...], Field(max_length=300)] | None


def request_access(command: RequestAccess, desk: Desk) -> Append:
    history, access = find(desk, command.staff_id)
    asked = AccessRequested(
        request=desk.new_id(),
        staff=access.staff,
        post=command.post,
        roles=tuple(str(role) for role in dict.fromkeys(command.roles)),
        markets=command.markets,
        teams=command.teams,
        requested_by=desk.actor,
        **desk.when(command),
    )
    return recorded(desk, history, access.request(asked), request=asked.request)
