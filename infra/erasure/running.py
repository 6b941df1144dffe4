"""Keeping at it: every open request is carried as far as it goes, until told to stop."""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Event as Signal
from typing import TYPE_CHECKING

import psycopg
import structlog

from domain.privacy.next_step import Step
from domain.refusal import Refused
from infra.erasure.carrying_out import Erasures
from infra.gate import TrailUnavailable
from infra.vault.unavailable import KeysUnavailable

if TYPE_CHECKING:
    from uuid import UUID

    from infra.product import Product

log = structlog.get_logger()
POLL_SECONDS = 2.0
LONGEST_SECONDS = 900.0
OPEN = (
    "SELECT customer, request FROM read.privacy_requests WHERE identified_at IS NOT NULL"
    " AND state NOT IN ('refused', 'closed') ORDER BY opened_at, request LIMIT 1000"
)

RESTRICTED = (
    "SELECT request FROM read.privacy_requests WHERE state = 'restricted' AND kind = 'erasure'"
    " ORDER BY opened_at, request LIMIT 1000"
)


def open_requests(product: Product) -> list[tuple[UUID, UUID]]:
    """Customer and request of whatever may have a next step. UndefinedTable without read models."""
    with product.record.connection() as connection:
        return connection.execute(OPEN).fetchall()


def waiting_for_a_key(product: Product) -> list[UUID]:
    """Requests whose use is stopped and that go no further, because the key-encryption key is not
    to be had: what to search for could not be opened. None is known without read models."""
    if product.keys_missing is None:
        return []
    try:
        with product.record.connection() as connection:
            rows = connection.execute(RESTRICTED).fetchall()
    except psycopg.errors.UndefinedTable:
        return []
    return [request for (request,) in rows]


def keep_at_it(product: Product, stop: Signal) -> None:
    """Returns soon after `stop` is set. For a thread of its own. A request that cannot go on is
    logged and tried again later, each time after twice as long; the others go on."""
    erasures = Erasures(product)
    resting = Resting()
    while not stop.is_set():
        try:
            due = [each for each in open_requests(product) if not resting.now(each[1])]
            _each(erasures, due, resting, stop)
            if not stop.is_set() and _search(erasures, due):
                _each(erasures, due, resting, stop)
        except psycopg.Error as fault:
            log.warning("erasures.waiting", error=type(fault).__name__)
        stop.wait(POLL_SECONDS)


class Resting:
    """Requests that could not go on, and until when they are left alone: a search of every store
    that finds something is not repeated every other second."""

    def __init__(self) -> None:
        self._until: dict[UUID, tuple[float, float]] = {}

    def now(self, request: UUID) -> bool:
        return self._until.get(request, (0.0, 0.0))[0] > time.monotonic()

    def rest(self, request: UUID) -> float:
        """For how many seconds."""
        _, before = self._until.get(request, (0.0, POLL_SECONDS / 2))
        seconds = min(2 * before, LONGEST_SECONDS)
        self._until[request] = time.monotonic() + seconds, seconds
        return seconds

    def done(self, request: UUID) -> None:
        self._until.pop(request, None)


def _each(
    erasures: Erasures,
    requests: Sequence[tuple[UUID, UUID]],
    resting: Resting,
    stop: Signal,
) -> None:
    for customer, request in requests:
        if stop.is_set():
            return
        if not resting.now(request):
            _carry_out(erasures, customer, request, resting)


def _search(erasures: Erasures, requests: Sequence[tuple[UUID, UUID]]) -> int:
    try:
        return erasures.search_for_all(requests)
    except psycopg.Error:
        raise
    except Exception as fault:  # what needs no search goes on
        log.error("erasures.search_failed", exc_info=fault)
        return 0


def _carry_out(erasures: Erasures, customer: UUID, request: UUID, resting: Resting) -> None:
    try:
        erasures.carry_out(customer, request, searching=False)
    except (Refused, KeysUnavailable, TrailUnavailable) as fault:
        seconds = resting.rest(request)
        log.warning(
            "erasure.stopped", request=str(request), reason=type(fault).__name__, again_in=seconds
        )
    except psycopg.Error:
        raise
    except Exception as fault:  # the others go on; this one is at its edge
        log.error("erasure.failed", request=str(request), exc_info=fault)
        resting.rest(request)
    else:
        if erasures.waits_for(customer, request) is not Step.SCAN:
            resting.done(request)
