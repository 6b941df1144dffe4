"""Killed at every step, between the deed and its record, an erasure goes on where it stood."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from uuid import UUID

import pytest

from domain.privacy.case import case_of
from domain.privacy.next_step import Step
from infra.erasure.carrying_out import Erasures
from infra.erasure.certificate import verified
from infra.product import Product
from infra.verify import verify
from tests.erasure.asking import caught_up, customer_of, request_of, tokens_of

STEPS = [step for step in Step if step is not Step.BACKUPS]


def killed_at(product: Product, customer: UUID, request: UUID, step: Step) -> int:
    """The exit code of a process that carries the request out and kills itself at the step."""
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.erasure.killed_erasure",
            str(product.home.path),
            product.addresses.database_url,
            product.addresses.redis_url,
            str(customer),
            str(request),
            step.value,
        ],
        check=False,
        capture_output=True,
        timeout=60,
    ).returncode


@pytest.mark.case("KY-12")
@pytest.mark.parametrize("step", STEPS)
def test_killed_at(running: Product, step: Step) -> None:
    customer = customer_of(running)
    request = request_of(running, customer)
    assert killed_at(running, customer, request, step) == -signal.SIGKILL

    erasures = Erasures(running, settled=0, remembers=0)
    end = time.monotonic() + 20
    while erasures.waits_for(customer, request) is not Step.BACKUPS:
        caught_up(running)
        erasures.carry_out(customer, request)
        assert time.monotonic() < end, erasures.waits_for(customer, request)
    stated = verified(erasures.certificate(customer, request), erasures.signing_key)
    assert len(stated["keys_destroyed"]) == 3
    assert stated["scan"]["hits"] == 0
    assert tokens_of(running, customer) == {}
    recorded = Counter(r.header.type for r in running.record.read_stream(case_of(customer)))
    once = ("DestructionBegun", "PrivacyRequestExecuted", "CopiesPurged", "ErasureCertified")
    assert {recorded[name] for name in once} == {1}
    with running.record.connection() as db:
        assert verify(db, customer).finding is None
