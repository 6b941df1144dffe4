"""Watches which promises a test that carries a clause's id makes and keeps by commands.

Every claim of `infra/clauses/evidence.csv` is checked whenever its test runs. With
DOSSIER_CLAUSES=FILE what was found is written there (`make clauses`).
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from commands.command import Command
from domain.event import Event, Recorded
from domain.timer_events import SlaTimersFulfilled, SlaTimersStarted
from infra.clauses.chain import rules
from infra.clauses.evidence import Evidence, shipped_evidence, written
from infra.dispatch import Caller, Dispatcher, Result

SHIPPED = {(rule.pack.id, rule.id) for found in rules().values() for rule in found}
SERVERS = "server_addresses"
"""The fixture of tests that need servers."""
WRITE_TO = os.environ.get("DOSSIER_CLAUSES")


class Promises:
    """Rows by clause: begun, and of those the ones that came true."""

    def __init__(self) -> None:
        self._running: dict[UUID, tuple[str, str]] = {}
        self._owed: dict[UUID, int] = {}
        self.kept: dict[str, set[str]] = {}

    def see(self, recorded: Iterable[Recorded[Event]]) -> None:
        for one in recorded:
            event: Any = one.event
            match event:
                case SlaTimersStarted():
                    for timer in event.timers:
                        self._begin(timer.timer, timer)
                case SlaTimersFulfilled():
                    for kept in event.timers:
                        self._keep(kept.timer)
                case _ if one.header.type == "DutyPeriodOpened":
                    self._begin(one.header.stream, event)
                    self._owed[one.header.stream] = event.times
                case _ if one.header.type == "DutyPerformed":
                    left = self._owed.get(one.header.stream, 0) - 1
                    self._owed[one.header.stream] = left
                    if left == 0:
                        self._keep(one.header.stream)

    def _begin(self, promise: UUID, made: Any) -> None:
        if (made.policy.split("@")[0], made.rule) in SHIPPED:
            self._running[promise] = made.clause, made.rule

    def _keep(self, promise: UUID) -> None:
        if promise in self._running:
            clause, row = self._running[promise]
            self.kept.setdefault(clause, set()).add(row)


class Driven:
    """Looks over the shoulder of `Dispatcher.dispatch` while a marked test runs."""

    def __init__(self) -> None:
        self.watching: Promises | None = None
        self.found: list[tuple[Evidence, bool]] = []
        self.claims: dict[str, list[Evidence]] = {}
        for evidence in shipped_evidence().values():
            for one in evidence:
                self.claims.setdefault(one.test, []).append(one)
        self._watch()

    def _watch(self) -> None:
        dispatch = Dispatcher.dispatch

        @wraps(dispatch)
        def watched(
            self_: Dispatcher, command: Command, caller: Caller, command_id: UUID, **more: Any
        ) -> Result:
            result = dispatch(self_, command, caller, command_id, **more)
            if self.watching is not None and result.position is not None and not result.replayed:
                known = self_.record.processed(command_id)
                if known is not None:
                    self.watching.see(self_.record.read_positions(known[1]))
            return result

        setattr(Dispatcher, "dispatch", watched)  # noqa: B010

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        clauses = sorted({id for mark in item.iter_markers("clause") for id in mark.args})
        if not clauses:
            return (yield)
        self.watching = promises = Promises()
        try:
            result = yield
        finally:
            self.watching = None
        for clause in clauses:
            if kept := promises.kept.get(clause):
                found = Evidence(clause, item.nodeid, tuple(sorted(kept)))
                self.found.append((found, SERVERS in getattr(item, "fixturenames", ())))
        if WRITE_TO is None:
            for claim in self.claims.get(item.nodeid, ()):
                gone = set(claim.kept) - promises.kept.get(claim.clause, set())
                assert not gone, f"this test no longer keeps {sorted(gone)}: run `make clauses`"
        return result

    def pytest_sessionfinish(self) -> None:
        """A test that failed has shown nothing and is left out."""
        if WRITE_TO is not None and self.found:
            Path(WRITE_TO).write_text(written(simplest(self.found)), "utf-8")


def simplest(found: Sequence[tuple[Evidence, bool]]) -> Iterator[Evidence]:
    """Tests with servers, some of which are races, are evidence only of what none without keeps."""
    alone = [one for one, with_servers in found if not with_servers]
    yield from alone
    kept = {(one.clause, row) for one in alone for row in one.kept}
    for one, with_servers in found:
        rest = tuple(row for row in one.kept if (one.clause, row) not in kept)
        if with_servers and rest:
            yield one._replace(kept=rest)
