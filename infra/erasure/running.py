"""Keeping at it: every open request is carried as far as it goes, until told to stop."""

from __future__ import annotations

from threading import Event as Signal
from typing import TYPE_CHECKING

import psycopg
import structlog

from domain.refusal import Refused
from infra.erasure.carrying_out import Erasures
from infra.gate import TrailUnavailable
from infra.vault.unavailable import KeysUnavailable

if TYPE_CHECKING:
    from uuid import UUID

    from infra.product import Product

log = structlog.get_logger()
POLL_SECONDS = 2.0
OPEN = (
    "SELECT customer, request FROM read.privacy_requests WHERE identified_at IS NOT NULL"
    " AND state NOT IN ('refused', 'closed') ORDER BY opened_at, request LIMIT 1000"
)


def open_requests(product: Product) -> list[tuple[UUID, UUID]]:
    """Customer and request of whatever may have a next step. UndefinedTable without read models."""
    with product.record.connection() as connection:
        return connection.execute(OPEN).fetchall()


def keep_at_it(product: Product, stop: Signal) -> None:
    """Returns soon after `stop` is set. For a thread of its own. A request that cannot go on is
    logged and left to the next turn; the others go on."""
    erasures = Erasures(product)
    while not stop.is_set():
        try:
            for customer, request in open_requests(product):
                if stop.is_set():
                    return
                _carry_out(erasures, customer, request)
        except psycopg.Error as fault:
            log.warning("erasures.waiting", error=type(fault).__name__)
        stop.wait(POLL_SECONDS)


def _carry_out(erasures: Erasures, customer: UUID, request: UUID) -> None:
    try:
        erasures.carry_out(customer, request)
    except (Refused, KeysUnavailable, TrailUnavailable) as fault:
        log.warning("erasure.stopped", request=str(request), reason=type(fault).__name__)
