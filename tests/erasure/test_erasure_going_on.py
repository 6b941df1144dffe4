"""What stands in the way of an erasure is told, left alone for a while, and stops no other."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from uuid import UUID

import pytest

from domain.privacy.next_step import Step
from infra.erasure.carrying_out import Erasures
from infra.erasure.certificate import verified
from infra.erasure.running import POLL_SECONDS, Resting, keep_at_it
from infra.product import Product
from infra.vault.unavailable import KeysUnavailable
from infra.vault.watch import EVERYTHING, tell
from tests.erasure.asking import caught_up, customer_of, request_of, tokens_of
from tests.privacy.at_the_gate import reader, trail, values


def key_lost(product: Product, customer: UUID) -> None:
    """The file is gone, and every process has been told to look for it anew."""
    (product.home.keys / "kek-1").rename(product.home.keys / "elsewhere")
    with product.record.connection() as connection:
        tell(connection, EVERYTHING)
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            product.gate.open(values(product, customer), reader(), "dpv:CustomerCare")
        except KeysUnavailable:
            return
        time.sleep(0.05)
    raise AssertionError("still opened without a key-encryption key")


def test_a_key_lost_while_running_opens_nothing_and_is_on_the_trail(running: Product) -> None:
    customer = customer_of(running)
    key_lost(running, customer)
    last = trail(running)[-1]
    assert (last.decision, last.rule, last.subjects) == ("deny", "keys-unavailable", [customer])
    assert last.tokens == 3


def test_an_erasure_goes_on_once_the_key_is_back(running: Product) -> None:
    customer = customer_of(running)
    request = request_of(running, customer)
    key_lost(running, customer)
    stop = threading.Event()
    at_it = threading.Thread(target=keep_at_it, args=(running, stop))
    at_it.start()
    try:
        time.sleep(POLL_SECONDS)
        assert at_it.is_alive()
        (running.home.keys / "elsewhere").rename(running.home.keys / "kek-1")
        erasures, end = Erasures(running), time.monotonic() + 40
        while erasures.waits_for(customer, request) is not Step.BACKUPS:
            caught_up(running)
            time.sleep(0.2)
            assert time.monotonic() < end, erasures.waits_for(customer, request)
    finally:
        stop.set()
        at_it.join()
    assert tokens_of(running, customer) == {}


def test_a_certificate_says_how_much_was_not_searched(running: Product) -> None:
    nobody = replace(running.addresses, redis_url="redis://127.0.0.1:1/0")
    stated = [
        certified(replace(running, addresses=addresses))
        for addresses in (nobody, running.addresses)
    ]
    unread = [each["scan"]["not_looked_into"] for each in stated]
    assert unread[0] == unread[1] + 1


def certified(product: Product) -> dict[str, dict[str, int]]:
    customer = customer_of(product)
    request = request_of(product, customer)
    erasures = Erasures(product, settled=0)
    erasures.carry_out(customer, request)
    caught_up(product)
    erasures.carry_out(customer, request)
    return verified(erasures.certificate(customer, request), erasures.signing_key)


@pytest.mark.parametrize("times", [1, 3, 20])
def test_what_cannot_go_on_rests_longer_each_time_and_not_for_ever(times: int) -> None:
    resting, request = Resting(), UUID(int=1)
    slept = [resting.rest(request) for _ in range(times)]
    assert slept == [min(POLL_SECONDS * 2**n, 900.0) for n in range(times)]
    assert resting.now(request)
    resting.done(request)
    assert not resting.now(request)
