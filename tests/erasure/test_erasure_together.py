"""One search serves every request that waits for one; what it finds stops only whose it is."""

from __future__ import annotations

import threading
import time
from uuid import UUID

import pytest

from commands.customer.register_customer import RegisterCustomer
from commands.fields import ProfileFields
from domain.privacy.case import case_of
from domain.privacy.events import ResidueScanned
from domain.privacy.next_step import Step
from domain.privacy.refusals import ResidueFound
from domain.terms import CollectionSource
from infra.erasure.carrying_out import Erasures
from infra.erasure.running import keep_at_it
from infra.product import Product
from tests.erasure.asking import ask, caught_up, request_of


def somebody(product: Product, number: int) -> tuple[UUID, UUID]:
    """A customer with values of their own, and the request to erase them."""
    registration = RegisterCustomer(
        collection_source=CollectionSource.CUSTOMER_SUBMITTED,
        market="DE",
        profile=ProfileFields(name=f"Zacharias Quint {number}", email=f"zq{number}@example.org"),
    )
    customer = ask(product, registration).ids["customer"]
    return customer, request_of(product, customer)


def scanned(product: Product, customer: UUID) -> list[ResidueScanned]:
    recorded = product.record.read_stream(case_of(customer))
    return [r.event for r in recorded if isinstance(r.event, ResidueScanned)]


def up_to_the_search(
    product: Product, erasures: Erasures, requests: list[tuple[UUID, UUID]]
) -> None:
    for _ in range(2):
        for customer, request in requests:
            erasures.carry_out(customer, request, searching=False)
        caught_up(product)
    assert {erasures.waits_for(*each) for each in requests} == {Step.SCAN}


def test_who_waits_for_a_search_shares_one(running: Product) -> None:
    requests = [somebody(running, number) for number in range(3)]
    erasures = Erasures(running, settled=0)
    up_to_the_search(running, erasures, requests)
    assert erasures.search_for_all(requests) == 3
    for customer, request in requests:
        assert erasures.carry_out(customer, request) == [Step.SCAN, Step.CERTIFY]
    found = [event for customer, _ in requests for event in scanned(running, customer)]
    assert [(event.needles, event.hits) for event in found] == [(2, 0)] * 3
    assert len({(event.objects, event.bytes) for event in found}) == 1


def test_what_is_found_stops_whose_it_is_and_nobody_else(running: Product) -> None:
    requests = [somebody(running, number) for number in range(3)]
    (running.home.log / "careless.log").write_text("sent to zq1@example.org\n")
    erasures = Erasures(running, settled=0)
    up_to_the_search(running, erasures, requests)
    erasures.search_for_all(requests)
    for number, (customer, request) in enumerate(requests):
        if number == 1:
            with pytest.raises(ResidueFound):
                erasures.carry_out(customer, request)
        else:
            erasures.carry_out(customer, request)
    waits = [erasures.waits_for(*each) for each in requests]
    assert waits == [Step.BACKUPS, Step.SCAN, Step.BACKUPS]


def test_a_search_is_not_done_twice_for_one_record_of_it(running: Product) -> None:
    """What one look came to is used up: a search after a hit looks again."""
    [each] = requests = [somebody(running, 1)]
    left = running.home.log / "careless.log"
    left.write_text("sent to zq1@example.org\n")
    erasures = Erasures(running, settled=0)
    up_to_the_search(running, erasures, requests)
    erasures.search_for_all(requests)
    with pytest.raises(ResidueFound):
        erasures.carry_out(*each)
    left.unlink()
    assert erasures.carry_out(*each) == [Step.SCAN, Step.CERTIFY]


def test_the_product_itself_searches_once_for_many(running: Product) -> None:
    requests = [somebody(running, number) for number in range(6)]
    stop = threading.Event()
    at_it = threading.Thread(target=keep_at_it, args=(running, stop))
    at_it.start()
    try:
        end = time.monotonic() + 60
        erasures = Erasures(running)
        while {erasures.waits_for(*each) for each in requests} != {Step.BACKUPS}:
            caught_up(running)
            time.sleep(0.2)
            assert time.monotonic() < end
    finally:
        stop.set()
        at_it.join()
    looks = {
        (event.objects, event.bytes)
        for customer, _ in requests
        for event in scanned(running, customer)
    }
    assert len(looks) < len(requests)
