"""How the canary leaves the record: by a request like everybody, every step of it recorded."""

from __future__ import annotations

from uuid import UUID

from commands.command import Command
from commands.privacy.begin_destruction import BeginDestruction
from commands.privacy.evaluate_retention import EvaluateRetention
from commands.privacy.execute_privacy_request import ExecutePrivacyRequest
from commands.privacy.identify_requester import IdentifyRequester
from commands.privacy.receive_privacy_request import ReceivePrivacyRequest
from commands.privacy.restrict_processing import RestrictProcessing
from domain.privacy.events import RequestType
from domain.terms import Channel
from infra.dispatch import Caller, Result
from infra.erasure.circumstances import circumstances
from infra.product import Product, new_id

CANARY = Caller("system:canary", "compliance_officer")
CHECK = Caller("system:canary-check", "compliance_officer")
ERASURE = Caller("system:erasure", "system")


def erased(product: Product, customer: UUID) -> None:
    """To be called when the read models are up to date. Raises whatever stands in the way: a hold,
    an order, an open case."""
    received = ReceivePrivacyRequest(
        customer_id=customer, request_type=RequestType.ERASURE, channel=Channel.SELF_SERVICE
    )
    request = _ask(product, received, CANARY).ids["request"]
    identified = IdentifyRequester(customer_id=customer, request=request, method="canary")
    _ask(product, identified, CHECK)
    with product.record.connection() as connection:
        known = circumstances(connection, customer)
    for step in (
        EvaluateRetention(customer_id=customer, request=request, **known._asdict()),
        RestrictProcessing(customer_id=customer, request=request),
        BeginDestruction(customer_id=customer, request=request),
        ExecutePrivacyRequest(customer_id=customer, request=request),
    ):
        _ask(product, step, ERASURE)


def _ask(product: Product, command: Command, caller: Caller) -> Result:
    return product.dispatcher.dispatch(command, caller, new_id())
