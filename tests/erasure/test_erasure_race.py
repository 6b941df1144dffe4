"""A legal hold and an erasure asked for at the same moment, on PostgreSQL: one of them wins."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest

from commands.command import Command
from commands.customer.erase_customer import EraseCustomer
from commands.privacy.begin_destruction import BeginDestruction
from commands.privacy.evaluate_retention import EvaluateRetention
from commands.privacy.place_legal_hold import PlaceLegalHold
from commands.privacy.restrict_processing import RestrictProcessing
from domain.personal import Category
from domain.privacy.case import case_of
from domain.refusal import Refused
from infra.dispatch import Caller
from infra.erasure.carrying_out import SYSTEM
from infra.product import Product, now
from tests.erasure.asking import NAME, OFFICER, ask, customer_of, request_of, tokens_of
from tests.erasure.test_erasure_saga import opened

ROUNDS = 24
"""By turns the hold or the destruction first, the other later, by a millisecond more each time."""
DECIDES = Caller("staff:oda", "compliance_officer")


def hold(customer: UUID) -> PlaceLegalHold:
    return PlaceLegalHold(
        customer_id=customer,
        categories=tuple(Category),
        basis="court:17",
        review_on=(now() + timedelta(days=90)).date(),
    )


def restricted(product: Product, customer: UUID, request: UUID) -> None:
    for step in (
        EvaluateRetention(
            customer_id=customer, request=request, last_order_on=None, open_cases=0, position=1
        ),
        RestrictProcessing(customer_id=customer, request=request),
    ):
        ask(product, step, SYSTEM)


def at_once(first: Callable[[], None], then: Callable[[], None], seconds: float) -> None:
    """Each in a thread of its own, `then` so much later."""
    start = Barrier(2)

    def run(deed: Callable[[], None]) -> None:
        start.wait()
        if deed is then:
            time.sleep(seconds)
        deed()

    threads = [Thread(target=run, args=(deed,)) for deed in (first, then)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.case("KY-17")
@pytest.mark.clause("CB-15.2b")
def test_either_the_hold_is_placed_and_all_is_kept_or_it_is_refused(running: Product) -> None:
    held_in: Counter[bool] = Counter()
    for round_ in range(ROUNDS):
        customer = customer_of(running)
        request = request_of(running, customer)
        tokens = tokens_of(running, customer)
        restricted(running, customer, request)
        outcomes: dict[str, str] = {}

        def attempt(command: Command, caller: Caller, outcomes: dict[str, str] = outcomes) -> None:
            try:
                ask(running, command, caller)
                outcomes[type(command).__name__] = "done"
            except Refused as refusal:
                outcomes[type(command).__name__] = refusal.code

        def destroys(
            customer: UUID = customer,
            request: UUID = request,
            attempt: Callable[[Command, Caller], None] = attempt,
        ) -> None:
            attempt(BeginDestruction(customer_id=customer, request=request), SYSTEM)
            attempt(EraseCustomer(customer_id=customer), DECIDES)

        def holds(
            customer: UUID = customer, attempt: Callable[[Command, Caller], None] = attempt
        ) -> None:
            attempt(hold(customer), OFFICER)

        first, then = (destroys, holds) if round_ % 2 else (holds, destroys)
        at_once(first, then, seconds=round_ / 1_000)
        recorded = {r.header.type for r in running.record.read_stream(case_of(customer))}
        held = "LegalHoldPlaced" in recorded
        assert held is not ("DestructionBegun" in recorded), outcomes
        assert (outcomes["PlaceLegalHold"] == "done") is held
        assert (outcomes["EraseCustomer"] == "done") is not held
        assert opened(running, customer, tokens)[0] == (NAME if held else None)
        if held:
            assert outcomes["EraseCustomer"] == "under_legal_hold"
        else:
            assert outcomes["PlaceLegalHold"] in ("destruction_has_begun", "customer_erased")
        held_in[held] += 1
    assert set(held_in) == {True, False}
