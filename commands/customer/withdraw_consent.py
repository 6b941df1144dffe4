"""A customer no longer agrees to a use of their data."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.customer.standing import find, recorded
from domain.terms import Channel, ConsentPurpose, ConsentScope


class WithdrawConsent(Command):
    PURPOSE: ClassVar[str] = "dpv:RightsFulfilment"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "crm_admin", "compliance_officer", "importer"}
    )

    customer_id: UUID
    purpose: ConsentPurpose
    scope: ConsentScope
    channel: Channel


def withdraw_consent(command: WithdrawConsent, desk: Desk) -> Append:
    history, customer = find(desk, command.customer_id)
    events = customer.withdraw_consent(
        command.purpose, command.scope, channel=command.channel, **desk.when(command)
    )
    return recorded(desk, history, events)
