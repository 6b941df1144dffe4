"""Running: sweeps over what is due, then sleeps until the next due time or for a moment.

Whatever is due is noted, the earliest first. What was noted stays in the index until the index has
followed the record that far, and is passed over until then; what cannot be noted now rests for a
while, longer each time. Nothing of this has to outlive the process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event as Signal
from typing import Any
from uuid import UUID

import psycopg
import structlog
from psycopg import Connection

from infra.product import Product, now
from infra.timekeeper.due import FIRST, Due, connected, due, followed, next_due, open_runs
from infra.timekeeper.duties import keep_duties
from infra.timekeeper.noting import Noted, note

log = structlog.get_logger()
BATCH = 256
POLL_SECONDS = 0.25
"""How long something that is due sooner than all that was known may wait to be seen."""
RECONNECT_SECONDS = 1.0
REST_SECONDS, LONGEST_REST = 2.0, 3_600.0
SHARE = 4
"""A sweep that found nothing to note is not repeated before so many times what it took."""
JUST_AFTER = 0.001
DUTY_SECONDS = 5.0
"""Duties count by days; this is how often they are looked at."""


@dataclass
class Timekeeper:
    """Several may run, in any number of processes. `clock` is the one on the wall, in UTC."""

    product: Product
    clock: Callable[[], datetime] = now
    batch: int = BATCH
    _duties_at: float = 0.0
    _noted: dict[UUID, int] = field(default_factory=dict)
    _held: dict[UUID, UUID] = field(default_factory=dict)
    _resting: dict[UUID, tuple[float, float]] = field(default_factory=dict)

    def run(self, stop: Signal) -> None:
        """Returns soon after `stop` is set. For a thread of its own."""
        while not stop.is_set():
            try:
                with connected(self.product.addresses.database_url) as connection:
                    while not stop.is_set():
                        stop.wait(self.turn(connection, stop))
            except psycopg.Error as fault:
                # Also where the index has not been built yet.
                if not stop.is_set():
                    log.warning("timekeeper.waiting", error=type(fault).__name__)
                stop.wait(RECONNECT_SECONDS)
            except Exception as fault:  # the time goes on; this sweep is at its edge
                log.error("timekeeper.failed", exc_info=fault)
                stop.wait(RECONNECT_SECONDS)

    def turn(self, connection: Connection[Any], stop: Signal | None = None) -> float:
        """One sweep; for how many seconds there is nothing to do. Raises psycopg's errors."""
        began, noted = time.monotonic(), 0
        position, runs = followed(connection), open_runs(connection)
        self._noted = {s: p for s, p in self._noted.items() if p > position}
        self._held = {s: run for s, run in self._held.items() if run in runs}
        last = FIRST
        while not (stop and stop.is_set()):
            found = due(connection, self.clock(), last, self.batch)
            if not found:
                break
            last = found[-1]
            if streams := self._free(found):
                noted += self._took(note(self.product, streams, runs))
        wait = min(POLL_SECONDS, self._until_next(connection))
        self._duties(connection)
        if noted:
            log.info("timekeeper.noted", streams=noted)
            return wait
        return max(wait, SHARE * (time.monotonic() - began))

    def _duties(self, connection: Connection[Any]) -> None:
        if time.monotonic() >= self._duties_at:
            self._duties_at = time.monotonic() + DUTY_SECONDS
            if done := keep_duties(self.product, connection, self.clock()):
                log.info("timekeeper.duties", opened_or_missed=done)

    def _free(self, found: Sequence[Due]) -> list[UUID]:
        at = time.monotonic()
        streams = dict.fromkeys(row.stream for row in found)
        return [
            stream
            for stream in streams
            if not (
                stream in self._noted
                or stream in self._held
                or self._resting.get(stream, (0.0, 0.0))[0] > at
            )
        ]

    def _took(self, noted: Noted) -> int:
        self._noted |= noted.positions
        self._held |= noted.held
        for stream in noted.positions:
            self._resting.pop(stream, None)
        for stream in noted.nothing:
            _, before = self._resting.get(stream, (0.0, REST_SECONDS / 2))
            seconds = min(2 * before, LONGEST_REST)
            self._resting[stream] = time.monotonic() + seconds, seconds
        return len(noted.positions)

    def _until_next(self, connection: Connection[Any]) -> float:
        at = self.clock()
        coming = next_due(connection, at)
        if coming is None:
            return POLL_SECONDS
        return (coming - at).total_seconds() + JUST_AFTER


def note_all(product: Product) -> None:
    """All that is due by now and that the index knows, in one go."""
    with (
        suppress(psycopg.errors.UndefinedTable),
        connected(product.addresses.database_url) as connection,
    ):
        Timekeeper(product).turn(connection)
