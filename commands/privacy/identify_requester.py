"""Somebody has made sure that whoever asked is the customer."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.fields import Code
from commands.privacy.case import find, recorded


class IdentifyRequester(Command):
    """By somebody else than who took the request. `method`: for instance `account_login`,
    `callback`, `document`."""

    PURPOSE: ClassVar[str] = "dpv:RightsFulfilment"
    ROLES: ClassVar[frozenset[str]] = frozenset({"supervisor", "crm_admin", "compliance_officer"})

    customer_id: UUID
    request: UUID
    method: Code


def identify_requester(command: IdentifyRequester, desk: Desk) -> Append:
    history, case = find(desk, command.customer_id)
    events = case.identify(
        command.request, method=command.method, by=desk.actor, **desk.when(command)
    )
    return recorded(desk, history, events)
