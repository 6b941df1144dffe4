"""Killed in the middle, several times, timekeepers leave nothing out and note nothing twice."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

from infra.product import Product, now
from infra.record.view import RecordView
from infra.verify import verify
from tests.timekeeper.promised import (
    HOUR,
    breaches,
    cases,
    caught_up,
    keeping_time,
    noted_of,
    promise,
    until,
)

CASES, KILLS = 1_500, 3


def test_killed_and_started_again(running: Product) -> None:
    due = now() - HOUR
    promises = [promise(due + timedelta(seconds=n)) for n in range(CASES)]
    tickets = cases(running, promises)
    caught_up(running)
    for _ in range(KILLS):
        before = breaches(running)
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.timekeeper.killed_timekeeper",
                str(running.home.path),
                running.addresses.database_url,
                running.addresses.redis_url,
            ]
        )
        try:
            until(lambda before=before: breaches(running) > before, 60)  # type: ignore[misc]
        finally:
            process.kill()
            process.wait()
        assert breaches(running) < CASES
    with keeping_time(running):
        until(lambda: breaches(running) >= CASES)
    assert noted_of(running, tickets) == dict.fromkeys(tickets, 1)
    view = RecordView(running.record, running.installation)
    for ticket, made in zip(tickets, promises, strict=True):
        history = view.history(ticket)
        assert history is not None
        assert history.timer_events[-1].at == made.due_at
    with running.record.connection() as db:
        assert verify(db).finding is None
