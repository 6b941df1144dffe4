"""Unwrapped keys that a process keeps for a while: bounded, for a minute, dropped on news."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Generic, TypeVar
from uuid import UUID

from domain.personal import Category

SECONDS = 60.0
SUBJECTS = 50_000
K = TypeVar("K")
Slot = tuple[Category, int]


class KeyCache(Generic[K]):
    """Keys by subject, category and generation.

    What is read from the database is put in only if no news came since the reading began: a key
    read just before it was destroyed must not come back after the news of it.
    """

    def __init__(self, seconds: float = SECONDS, subjects: int = SUBJECTS) -> None:
        self._seconds = seconds
        self._subjects = subjects
        self._kept: dict[UUID, dict[Slot, tuple[float, K]]] = {}
        self._lock = threading.Lock()
        self.news = 0

    def get(self, subject: UUID, slot: Slot) -> K | None:
        held = self._kept.get(subject)
        if held is None or (entry := held.get(slot)) is None or entry[0] < time.monotonic():
            return None
        return entry[1]

    def put(self, keys: Mapping[tuple[UUID, Category, int], K], news: int) -> None:
        """`news` as it was before the keys were read."""
        until = time.monotonic() + self._seconds
        with self._lock:
            if news != self.news:
                return
            if len(self._kept) + len(keys) > self._subjects:
                self._drop_old()
            for (subject, category, generation), key in keys.items():
                self._kept.setdefault(subject, {})[category, generation] = (until, key)

    def _drop_old(self) -> None:
        """What has run out; everything, if that is not half."""
        now = time.monotonic()
        alive = {
            subject: held
            for subject, held in self._kept.items()
            if any(until > now for until, _ in held.values())
        }
        self._kept = alive if len(alive) <= self._subjects // 2 else {}

    def evict(self, subject: UUID | None) -> None:
        """Drops a subject's keys, or all of them."""
        with self._lock:
            self.news += 1
            if subject is None:
                self._kept = {}
            else:
                self._kept.pop(subject, None)

    def forget(self, subject: UUID) -> None:
        """Drops a subject's keys, though nothing has been heard of them."""
        with self._lock:
            self._kept.pop(subject, None)

    def __len__(self) -> int:
        return sum(len(held) for held in self._kept.values())
