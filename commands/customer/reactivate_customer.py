"""A dormant customer has bought something. Orders have streams of their own, so this is asked for
after one is placed; an interaction reactivates by itself."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.customer.standing import find, recorded
from domain.customer.events import ReactivationCause


class ReactivateCustomer(Command):
    """`at` is when the purchase was made."""

    PURPOSE: ClassVar[str] = "dpv:CustomerRelationshipManagement"
    ROLES: ClassVar[frozenset[str]] = frozenset({"crm_admin", "importer", "system"})

    customer_id: UUID
    cause: ReactivationCause = ReactivationCause.PURCHASE


def reactivate_customer(command: ReactivateCustomer, desk: Desk) -> Append:
    history, customer = find(desk, command.customer_id)
    return recorded(desk, history, customer.reactivate(command.cause, **desk.when(command)))
