"""A request is turned down, with the ground for it; the customer is still owed the answer."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.fields import Code
from commands.privacy.case import find, recorded


class RefusePrivacyRequest(Command):
    """`ground`: for instance `not_the_customer`, `manifestly_unfounded`."""

    PURPOSE: ClassVar[str] = "dpv:RightsFulfilment"
    ROLES: ClassVar[frozenset[str]] = frozenset({"compliance_officer"})

    customer_id: UUID
    request: UUID
    ground: Code


def refuse_privacy_request(command: RefusePrivacyRequest, desk: Desk) -> Append:
    history, case = find(desk, command.customer_id)
    events = case.refuse(command.request, ground=command.ground, **desk.when(command))
    return recorded(desk, history, events)
