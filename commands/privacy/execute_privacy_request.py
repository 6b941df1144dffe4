"""The keys are destroyed, and both the customer's stream and the case say so in one append.

Destroyed before recorded: repeating it changes nothing, and no erasure can be on record that never
happened. Before both, `DestructionBegun` is on record in the case's stream, where every legal hold
is: whichever of the two comes first refuses the other.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from commands.command import Append, Command, Desk
from commands.customer.standing import folded as folded_customer
from commands.privacy.case import SYSTEM, find
from domain.personal import Category


class ExecutePrivacyRequest(Command):
    PURPOSE: ClassVar[str] = "dpv:RightsFulfilment"
    ROLES: ClassVar[frozenset[str]] = SYSTEM

    at: None = None
    customer_id: UUID
    request: UUID


def execute_privacy_request(command: ExecutePrivacyRequest, desk: Desk) -> Append:
    return executed(command, command.customer_id, command.request, desk)


def executed(command: Command, customer_id: UUID, request_id: UUID, desk: Desk) -> Append:
    """The only place where a customer's keys are destroyed. Raises RequesterNotIdentified,
    StepOutOfOrder, PrivacyRequestUnknown."""
    history, case = find(desk, customer_id)
    ids = {"privacy": history.stream, "customer": history.subject}
    when = desk.when(command)
    request = case.known(request_id)
    undestroyed = case.execute(request_id, (), **when)
    if not undestroyed:
        return Append(writes=[], ids=ids)
    if not request.begun:
        return Append(writes=[desk.change(history, undestroyed)], ids=ids)
    customer = desk.load("customer", customer_id)
    person = folded_customer(customer)
    whole = (person.gone | {*request.begun}).issuperset(Category)
    keys = desk.keys.destroy(history.subject, None if whole else request.begun)
    writes = [desk.change(history, case.execute(request_id, keys, **when))]
    if erased := person.erase(keys, tuple(Category) if whole else request.begun, **when):
        writes.append(desk.change(customer, erased, status="fenced" if whole else None))
    return Append(writes=writes, ids=ids)
