"""A customer no longer agrees to a use of their data. It ends at once, everywhere (CB-15.2b)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.customer.standing import find, recorded
from commands.fields import Code
from domain.customer.consenting import withdraw_consent as decide
from domain.terms import Channel, ConsentPurpose, ConsentScope


class WithdrawConsent(Command):
    """`recipient`: only the consents that name this organisation, each as a whole. A withdrawal is
    not put off: one that is dated ahead counts from now."""

    PURPOSE: ClassVar[str] = "dpv:RightsFulfilment"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"agent", "sales", "supervisor", "crm_admin", "compliance_officer", "importer"}
    )

    customer_id: UUID
    purpose: ConsentPurpose
    scope: ConsentScope
    recipient: Code | None = None
    channel: Channel


def withdraw_consent(command: WithdrawConsent, desk: Desk) -> Append:
    history, customer = find(desk, command.customer_id)
    events = decide(
        customer,
        command.purpose,
        command.scope,
        recipient=command.recipient,
        channel=command.channel,
        now=desk.now,
        **desk.when(command),
    )
    return recorded(desk, history, events)
