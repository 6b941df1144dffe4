"""Counting in this process alone, while Valkey cannot be reached."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any
from uuid import UUID

MOST_KEYS = 20_000


class LocalCounts:
    def __init__(self) -> None:
        self._lock = Lock()
        self._used: dict[tuple[str, int], int] = {}
        self._seen: dict[str, dict[UUID, float]] = {}
        self._told: dict[str, float] = {}

    def take(self, key: str, quota: int, window: int, at: float) -> tuple[bool, int]:
        number, share = int(at // window), 1 - (at % window) / window
        with self._lock:
            _bounded(self._used)
            before = self._used.get((key, number - 1), 0)
            used = self._used.get((key, number), 0) + int(before * share)
            if used >= quota:
                return False, used
            self._used[key, number] = self._used.get((key, number), 0) + 1
            return True, used + 1

    def see(
        self, key: str, subjects: Sequence[UUID], quota: int, window: int, at: float
    ) -> tuple[bool, float, Sequence[UUID]]:
        with self._lock:
            _bounded(self._seen)
            kept = {s: t for s, t in self._seen.get(key, {}).items() if t > at - window}
            fresh = set(subjects) - kept.keys()
            allowed = len(kept) + len(fresh) <= quota
            if allowed:
                kept |= dict.fromkeys(subjects, at)
            self._seen[key] = kept
            return allowed, min(kept.values(), default=at), list(kept)

    def first(self, key: str, window: int, at: float) -> bool:
        with self._lock:
            _bounded(self._told)
            if (told := self._told.get(key)) is not None and told > at - window:
                return False
            self._told[key] = at
            return True


def _bounded(counts: dict[Any, Any]) -> None:
    """Memory has an end; to begin anew is kinder than to lock everybody out."""
    if len(counts) > MOST_KEYS:
        counts.clear()
