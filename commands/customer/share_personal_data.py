"""Personal data of a customer go to another organisation (CB-14.3d)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.agreement.standing import find as find_agreements
from commands.command import Append, Command, Desk, Guard
from commands.customer.standing import find
from commands.fields import Categories, Code, Digest
from domain.agreement.agreement import recipient_id
from domain.customer.events import DataShared
from domain.customer.sharing import share
from domain.terms import ConsentPurpose


class SharePersonalData(Command):
    """Asked before anything is handed over, so `at` cannot be given: consent and agreement have to
    hold now. `digest` is the SHA-256 of exactly what is handed over."""

    PURPOSE: ClassVar[str] = "dpv:ServiceProvision"
    ROLES: ClassVar[frozenset[str]] = frozenset(
        {"department_head", "crm_admin", "compliance_officer"}
    )

    at: None = None
    customer_id: UUID
    recipient: Code
    categories: Categories
    purpose: ConsentPurpose
    digest: Digest


def share_personal_data(command: SharePersonalData, desk: Desk) -> Append:
    """A withdrawal in between conflicts, for it is in the customer's own stream; an agreement
    ended in between fails the guard. Either way it is decided again, and then refused."""
    history, customer = find(desk, command.customer_id)
    agreed, agreements = find_agreements(desk, command.recipient)
    events = share(
        customer,
        agreements,
        share=desk.new_id(),
        recipient=command.recipient,
        categories=command.categories,
        purpose=command.purpose,
        digest=command.digest,
        **desk.when(command),
    )
    (shared,) = (event for event in events if isinstance(event, DataShared))
    version = agreed.version if agreed is not None else 0
    return Append(
        writes=[desk.change(history, events)],
        guards=[Guard(stream=recipient_id(command.recipient), version=version)],
        ids={"customer": history.stream, "share": shared.share},
        consent=shared.consent,
    )
