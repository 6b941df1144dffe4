"""A customer erased as everybody is: by a request, step by step, with three people at it."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID, uuid4

from commands.command import Command
from commands.customer.erase_customer import EraseCustomer
from commands.privacy.begin_destruction import BeginDestruction
from commands.privacy.evaluate_retention import EvaluateRetention
from commands.privacy.identify_requester import IdentifyRequester
from commands.privacy.receive_privacy_request import ReceivePrivacyRequest
from commands.privacy.restrict_processing import RestrictProcessing
from domain.privacy.events import RequestType
from domain.terms import Channel
from infra.dispatch import Caller, Dispatcher, Result

TAKES = Caller("ida", "agent")
CHECKS = Caller("kim", "supervisor")
DECIDES = Caller("oda", "compliance_officer")
SYSTEM = Caller("system:erasure", "system")


class Desk(Protocol):
    @property
    def dispatcher(self) -> Dispatcher: ...


def erase(desk: Desk, customer: UUID) -> Result:
    """No law and no open case keeps anything."""
    received = ReceivePrivacyRequest(
        customer_id=customer, request_type=RequestType.ERASURE, channel=Channel.EMAIL
    )
    request = _asked(desk, received, TAKES).ids["request"]
    identified = IdentifyRequester(customer_id=customer, request=request, method="callback")
    _asked(desk, identified, CHECKS)
    return decided(desk, customer, request)


def decided(desk: Desk, customer: UUID, request: UUID) -> Result:
    """From the identified requester to the end."""
    ruled = EvaluateRetention(
        customer_id=customer, request=request, last_order_on=None, open_cases=0, position=1
    )
    for step in (
        ruled,
        RestrictProcessing(customer_id=customer, request=request),
        BeginDestruction(customer_id=customer, request=request),
    ):
        _asked(desk, step, SYSTEM)
    return _asked(desk, EraseCustomer(customer_id=customer), DECIDES)


def _asked(desk: Desk, command: Command, caller: Caller) -> Result:
    return desk.dispatcher.dispatch(command, caller, uuid4())
