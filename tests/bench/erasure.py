"""How long the live steps of one erasure take, for a customer with EVENTS events."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from uuid import UUID

import structlog

from commands.privacy.identify_requester import IdentifyRequester
from commands.privacy.receive_privacy_request import ReceivePrivacyRequest
from domain.privacy.events import RequestType
from domain.terms import Channel
from infra.dispatch import Caller
from infra.erasure.carrying_out import Erasures
from infra.home import Home
from infra.product import Product, new_id, product
from infra.projector.running import catch_up
from tests.bench.append import CRM, contact, customers
from tests.bench.rounds import ROUNDS, Rounds, say

EVENTS = 1_000
OFFICER = Caller("staff:cleo", "compliance_officer")


def with_events(running: Product, count: int) -> UUID:
    (customer,) = customers(running, 1)
    for _ in range(count - 4):
        running.dispatcher.dispatch(contact(customer), CRM, new_id())
    return customer


def requested(running: Product, customer: UUID) -> UUID:
    received = ReceivePrivacyRequest(
        customer_id=customer, request_type=RequestType.ERASURE, channel=Channel.EMAIL
    )
    request = running.dispatcher.dispatch(received, CRM, new_id()).ids["request"]
    identified = IdentifyRequester(customer_id=customer, request=request, method="callback")
    running.dispatcher.dispatch(identified, OFFICER, new_id())
    return request


def live_steps(running: Product) -> float:
    """Milliseconds from the identified requester until nothing can be opened or found any more."""
    customer = with_events(running, EVENTS)
    request = requested(running, customer)
    dsn = running.addresses.database_url
    catch_up(dsn)
    erasures = Erasures(running, acted=_until_purged)
    started = time.monotonic()
    try:
        erasures.carry_out(customer, request)
        catch_up(dsn)
        erasures.carry_out(customer, request)
    except _Purged:
        return (time.monotonic() - started) * 1_000
    raise AssertionError("the purge was never reached")


class _Purged(Exception):
    """The last live step is done."""


def _until_purged(step: str) -> None:
    if step == "tell":
        raise _Purged


def main(target: Path) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    rounds = Rounds("ms")
    with tempfile.TemporaryDirectory() as folder, product(Home.at(Path(folder))) as running:
        for turn in range(ROUNDS):
            say(f"round {turn + 1} of {ROUNDS}")
            rounds.note(f"erasure, live steps, {EVENTS} events", live_steps(running))
    rounds.keep(target)


if __name__ == "__main__":
    main(Path("var/bench/erasure.json"))
