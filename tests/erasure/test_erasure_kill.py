"""Killed at every step, between the deed and its record, an erasure goes on where it stood."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest

from domain.privacy.case import case_of
from domain.privacy.next_step import Step
from infra.erasure.carrying_out import Erasures
from infra.erasure.certificate import verified
from infra.product import Product
from infra.verify import verify
from tests.erasure.asking import caught_up, customer_of, request_of, tokens_of

STEPS = [step for step in Step if step is not Step.BACKUPS]


def program(product: Product, customer: UUID, request: UUID, step: str) -> list[str]:
    """What carries the request out and kills itself at the step."""
    return [
        sys.executable,
        "-m",
        "tests.erasure.killed_erasure",
        str(product.home.path),
        product.addresses.database_url,
        product.addresses.redis_url,
        str(customer),
        str(request),
        step,
    ]


def finished(product: Product, customer: UUID, request: UUID) -> dict[str, Any]:
    """By another process, which knows of the first only what lies on disk."""
    erasures = Erasures(product, settled=0)
    end = time.monotonic() + 20
    while erasures.waits_for(customer, request) is not Step.BACKUPS:
        caught_up(product)
        erasures.carry_out(customer, request)
        assert time.monotonic() < end, erasures.waits_for(customer, request)
    return verified(erasures.certificate(customer, request), erasures.signing_key)


@pytest.mark.case("KY-12")
@pytest.mark.parametrize("step", STEPS)
def test_killed_at(running: Product, step: Step) -> None:
    customer = customer_of(running)
    request = request_of(running, customer)
    killed = subprocess.run(
        program(running, customer, request, step.value),
        check=False,
        capture_output=True,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    stated = finished(running, customer, request)
    assert len(stated["keys_destroyed"]) == 3
    assert (stated["scan"]["searched"], stated["scan"]["needles"]) == (True, 2)
    assert stated["scan"]["hits"] == 0
    assert not list(running.home.keys.glob("*search-*"))
    assert tokens_of(running, customer) == {}
    recorded = Counter(r.header.type for r in running.record.read_stream(case_of(customer)))
    once = ("DestructionBegun", "PrivacyRequestExecuted", "CopiesPurged", "ErasureCertified")
    assert {recorded[name] for name in once} == {1}
    with running.record.connection() as db:
        assert verify(db, customer).finding is None


@pytest.mark.case("KY-12")
def test_killed_between_the_end_of_the_keys_and_its_record(running: Product) -> None:
    """The record of the execution waits for a lock; by then the keys are gone."""
    customer = customer_of(running)
    request = request_of(running, customer)
    with psycopg.connect(running.addresses.database_url) as locking:
        locking.execute("SELECT FROM es.streams WHERE stream = %s FOR UPDATE", (customer,))
        process = subprocess.Popen(program(running, customer, request, "never"))
        try:
            wait_for(lambda: alive(running, customer) == 0)
        finally:
            process.kill()
            process.wait()
        wait_for(lambda: left_waiting(running) == 0)  # the server would end what it began
    recorded = {r.header.type for r in running.record.read_stream(case_of(customer))}
    assert "DestructionBegun" in recorded
    assert "PrivacyRequestExecuted" not in recorded
    stated = finished(running, customer, request)
    assert (stated["scan"]["searched"], stated["scan"]["needles"]) == (True, 2)
    assert len(stated["keys_destroyed"]) == 3


def wait_for(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)


def left_waiting(product: Product) -> int:
    """How many sessions wait for a lock; told to end."""
    with psycopg.connect(product.addresses.database_url) as admin:
        return admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        ).rowcount


def alive(product: Product, customer: UUID) -> int:
    with product.key_service.connection() as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM keys.subject_key WHERE subject = %s AND state <> 'destroyed'",
            (customer,),
        ).fetchone() or (0,)
    return int(count)
