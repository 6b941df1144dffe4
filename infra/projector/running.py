"""Running: all projections kept up to date, until told to stop.

One connection serves them in turn, woken by whoever has recorded something; if no word comes, it
looks a moment later. A projection that cannot apply an event stops there and says
so; the others go on. A lost connection is opened again, and nothing is lost by it: a batch was
committed with its position, or neither was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event as Signal
from typing import Any
from uuid import UUID

import structlog
from psycopg import Connection

from infra.projector.builds import (
    NoSuchProjection,
    Projections,
    begin,
    building,
    connected,
    is_current,
    kept,
    live,
)
from infra.projector.parking import INFRASTRUCTURE, LostLease, told
from infra.projector.rebuilding import SwitchRefused, ensure, show
from infra.projector.worker import Heard, Seam, Worker, nothing, unheard, watermark
from infra.record.waking import CHANNEL
from projections.catalogue import PROJECTIONS
from projections.projection import Projection

log = structlog.get_logger()
POLL_SECONDS = 0.15
RECONNECT_SECONDS = 1.0
TURN = 10
"""Batches a projection may take before the next one has its turn."""


@dataclass
class Projector:
    """`stopped` says of each projection that stopped what it could not apply."""

    dsn: str
    projections: Projections = field(default_factory=lambda: PROJECTIONS)
    before_commit: Seam = nothing
    after_commit: Seam = nothing
    stopped: dict[str, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)

    def run(self, stop: Signal) -> None:
        """Returns soon after `stop` is set. For a thread of its own."""
        while not stop.is_set():
            try:
                with connected(self.dsn) as connection:
                    workers: dict[str, Worker] = {}
                    # Before the first look, so that no word falls between look and wait.
                    connection.execute(f"LISTEN {CHANNEL}")
                    while not stop.is_set():
                        if not self.turn(connection, workers):
                            _wait(connection)
            except INFRASTRUCTURE as fault:
                if not stop.is_set():
                    log.warning("projector.disconnected", error=type(fault).__name__)
                stop.wait(RECONNECT_SECONDS)

    def turn(self, connection: Connection[Any], workers: dict[str, Worker]) -> bool:
        """Lets every projection take a few batches; whether any has more to do."""
        goal = watermark(connection)
        more = False
        for name, projection in self.projections.items():
            if name in self.stopped:
                continue
            try:
                worker = workers.get(name) or self._worker(connection, projection)
                if worker is None:
                    continue
                workers[name] = worker
                left = self._advance(worker, goal)
                if not (left or worker.shown):
                    self._show(connection, worker)
                more = left or more
            except LostLease:
                _let_go(workers, name)
            except INFRASTRUCTURE:
                raise
            except Exception as fault:  # noqa: BLE001 - the others go on; this one is at its edge
                self._stop(name, fault)
                _let_go(workers, name)
        return more

    def _advance(self, worker: Worker, goal: int) -> bool:
        if not worker.lease():
            return False
        position = worker.position()
        for _ in range(TURN):
            if position >= goal:
                return False
            position = worker.step(position, goal)
        return True

    def _worker(self, connection: Connection[Any], projection: Projection[Any]) -> Worker | None:
        """For the live build, or for the one that is to be shown in its place; None while another
        process begins one."""
        build = live(connection, projection)
        if build is None or not is_current(connection, build):
            with building(connection, projection, wait=False) as mine:
                if not mine:
                    return None
                build = kept(connection, projection) or begin(connection, projection)
        return Worker(
            connection, build, before_commit=self.before_commit, after_commit=self.after_commit
        )

    def _show(self, connection: Connection[Any], worker: Worker) -> None:
        """Shows a build that has caught up. One that was shown before a newer one is kept up to
        date and no more: two releases that run at once would switch to and fro."""
        build = worker.build
        shown = live(connection, build.projection)
        if shown is not None and shown.number > build.number:
            return
        try:
            show(connection, worker)
        except SwitchRefused as refusal:
            if build.schema not in self.refused:
                self.refused.add(build.schema)
                log.warning("projection.not_shown", build=build.schema, **refusal.parameters)
        else:
            log.info("projection.shown", build=build.schema)

    def _stop(self, name: str, fault: Exception) -> None:
        self.stopped[name] = told(fault)
        log.error("projection.stopped", projection=name, reason=self.stopped[name])


def _wait(connection: Connection[Any]) -> None:
    """Until something was recorded, or for as long as is waited without a word."""
    for _ in connection.notifies(timeout=POLL_SECONDS, stop_after=1):
        pass


def _let_go(workers: dict[str, Worker], name: str) -> None:
    if (worker := workers.pop(name, None)) is not None:
        worker.release()


def catch_up(dsn: str, *, projections: Projections = PROJECTIONS, heard: Heard = unheard) -> None:
    """Everything recorded so far, in one go. What another process keeps up to date is left to it.

    Raises what kept a projection from going on; SwitchRefused only once the others are done.
    """
    refused: SwitchRefused | None = None
    with connected(dsn) as connection:
        for projection in projections.values():
            try:
                worker = Worker(connection, ensure(connection, projection))
            except SwitchRefused as refusal:
                refused = refusal
                continue
            if worker.lease():
                worker.catch_up(watermark(connection), heard)
                worker.release()
    if refused is not None:
        raise refused


def replay(
    dsn: str, name: str, key: UUID | None = None, *, projections: Projections = PROJECTIONS
) -> tuple[int, int]:
    """Tries what this projection parked again, in the build shown and in the one beside it, of one
    key or of all: how many events were applied, and how many stay parked.

    Raises NoSuchProjection.
    """
    if name not in projections:
        raise NoSuchProjection(name)
    applied = left = 0
    with connected(dsn) as connection:
        for build in (live(connection, projections[name]), kept(connection, projections[name])):
            if build is not None and is_current(connection, build):
                done, stays = Worker(connection, build).replay(key)
                applied, left = applied + done, left + stays
    return applied, left
