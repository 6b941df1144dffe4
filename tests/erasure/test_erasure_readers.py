"""Processes that read in a loop during an erasure: after the certificate none opens a value."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from domain.privacy.next_step import Step
from infra.erasure.carrying_out import Erasures
from infra.product import Product
from infra.vault.watch import LEASE
from tests.erasure.asking import caught_up, customer_of, request_of, tokens_of


@contextmanager
def reading(
    product: Product, customer: UUID, token: str, file: Path, *swallow: str
) -> Iterator[None]:
    arguments = [str(product.home.path), product.addresses.database_url, str(customer), token]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.erasure.reading_loop", *arguments, str(file), *swallow]
    )
    try:
        yield
        assert process.poll() is None, "it read until the end"
    finally:
        process.kill()
        process.wait()


def tries(file: Path) -> list[tuple[float, str]]:
    lines = [line.split() for line in file.read_text().splitlines()]
    return [(float(at), came) for at, came in lines]


def opens(file: Path) -> int:
    return sum(came == "open" for _, came in tries(file)) if file.exists() else 0


@pytest.mark.clause("CB-15.2b")
def test_nobody_opens_a_value_after_the_certificate_not_even_one_that_hears_nothing(
    running: Product, tmp_path: Path
) -> None:
    customer = customer_of(running)
    request = request_of(running, customer)
    token = tokens_of(running, customer)["name"]
    files = [tmp_path / name for name in ("one", "two", "deaf")]
    swallow = tmp_path / "swallow"
    with (
        reading(running, customer, token, files[0]),
        reading(running, customer, token, files[1]),
        reading(running, customer, token, files[2], str(swallow)),
    ):
        end = time.monotonic() + 30
        while not all(opens(file) > 20 for file in files):
            assert time.monotonic() < end, [opens(file) for file in files]
            time.sleep(0.05)
        swallow.touch()
        erasures = Erasures(running)
        erasures.carry_out(customer, request)
        destroyed = time.time()
        while erasures.waits_for(customer, request) is not Step.BACKUPS:
            caught_up(running)
            erasures.carry_out(customer, request)
            assert time.monotonic() < end + 30
        certified = time.time()
        time.sleep(2)
    for file in files:
        answers = tries(file)
        assert answers[-1][0] > certified + 1, "it went on reading"
        assert not [at for at, came in answers if came == "open" and at > certified]
    for file in files[:2]:
        assert not [at for at, came in tries(file) if came == "open" and at > destroyed + 0.5]
        assert tries(file)[-1][1] == "gone"
    kept = [at for at, came in tries(files[2]) if came == "open" and at > destroyed]
    assert all(at < destroyed + LEASE for at in kept)
    assert tries(files[2])[-1][1] == "unavailable"
