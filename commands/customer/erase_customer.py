"""A customer's personal data are made unreadable for good, at the word of a member of staff
(CB-15.2b): the last step of a privacy request, which otherwise the product takes by itself.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.customer.standing import folded
from commands.privacy.case import find_or_none
from commands.privacy.execute_privacy_request import executed


class EraseCustomer(Command):
    """What the customer's latest request has come to. `at` cannot be given. Twice is as good as
    once. Raises, in this order: Conflict, UnderLegalHold, ErasureNotRequested,
    RequesterNotIdentified, SelfApproval (whoever took the request), KeptForNow, StepOutOfOrder
    (retention not evaluated, use not restricted, or destruction not begun)."""

    PURPOSE: ClassVar[str] = "dpv:RightsFulfilment"
    ROLES: ClassVar[frozenset[str]] = frozenset({"crm_admin", "compliance_officer"})

    at: None = None
    customer_id: UUID


def erase_customer(command: EraseCustomer, desk: Desk) -> Append:
    history = desk.load("customer", command.customer_id)
    if folded(history).erased:
        return Append(writes=[], ids={"customer": history.stream})
    desk.must_match(history)
    _, case = find_or_none(desk, command.customer_id)
    request = case.to_erase(command.customer_id, by=desk.actor)
    return executed(command, command.customer_id, request.id, desk)
