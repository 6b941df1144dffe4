"""Group commit: concurrent commands of one process share a transaction.

Whoever finds no leader leads: takes what is waiting, appends it as one batch, gives everybody
their own answer and hands the lead to the first who came meanwhile. A caller returns only when
its own events are durable. One command's refusal never fails its neighbours: outcomes are per
command, and a batch the server refuses as a whole is repeated one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event as Signal
from threading import Lock
from time import sleep
from typing import Protocol

import psycopg

from infra.record.batch import Answer, Submission, split_compatible
from infra.record.postgres import is_race

RACE_ATTEMPTS = 20
GATHERING = 0.0004
"""Seconds a leader waits when fewer are there than went last time: those just answered are about
to come back, and a batch of half of them costs nearly as much as one of all."""


class Recorder(Protocol):
    def append(self, batch: Sequence[Submission]) -> list[Answer]: ...


class QueueFull(Exception):
    """More commands are waiting than the queue takes; try again in a moment."""


class _Waiting:
    __slots__ = ("answer", "fault", "lead", "signal", "submission")

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.signal = Signal()
        self.lead = False
        self.answer: Answer | None = None
        self.fault: BaseException | None = None


class GroupCommit:
    def __init__(self, recorder: Recorder, *, batch: int = 256, queue: int = 10_000) -> None:
        self._recorder = recorder
        self._batch = batch
        self._queue = queue
        self._lock = Lock()
        self._waiting: list[_Waiting] = []
        self._led = False
        self._last = 0

    def append(self, submission: Submission) -> Answer:
        """Blocks until the command is durable or refused. Raises QueueFull, or psycopg's error if
        the database cannot be reached: then nothing is known, and the same command id tells."""
        mine = _Waiting(submission)
        with self._lock:
            if len(self._waiting) >= self._queue:
                raise QueueFull
            self._waiting.append(mine)
            leads = not self._led
            self._led = True
        if not leads:
            mine.signal.wait()
            leads = mine.lead
        if leads:
            self._lead()
        if mine.answer is None and mine.fault is None:
            mine.signal.wait()
        if mine.fault is not None:
            raise mine.fault
        assert mine.answer is not None
        return mine.answer

    def _lead(self) -> None:
        if len(self._waiting) < self._last:
            sleep(GATHERING)
        with self._lock:
            taken, left = split_compatible([w.submission for w in self._waiting], self._batch)
            group = [self._waiting[n] for n in taken]
            self._waiting = [self._waiting[n] for n in left]
            self._last = len(group)
        self._append(group)
        with self._lock:
            follower = self._waiting[0] if self._waiting else None
            self._led = follower is not None
            if follower is not None:
                follower.lead = True
        for waiting in group:
            waiting.signal.set()
        if follower is not None:
            follower.signal.set()

    def _append(self, group: Sequence[_Waiting]) -> None:
        try:
            answers = append_through_races(self._recorder, [w.submission for w in group])
        except BaseException as fault:  # noqa: BLE001 - it belongs to the callers, who wait
            if len(group) > 1 and not isinstance(fault, psycopg.OperationalError):
                for waiting in group:
                    self._append([waiting])
            else:
                for waiting in group:
                    waiting.fault = fault
            return
        for waiting, answer in zip(group, answers, strict=True):
            waiting.answer = answer


def append_through_races(recorder: Recorder, batch: Sequence[Submission]) -> list[Answer]:
    """Appends a batch, again where another process created the same stream or command first."""
    for attempt in range(RACE_ATTEMPTS):
        try:
            return recorder.append(batch)
        except psycopg.Error as fault:
            if not is_race(fault) or attempt == RACE_ATTEMPTS - 1:
                raise
    raise AssertionError
