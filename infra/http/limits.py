"""How much a caller may ask for: requests a minute, different customers in ten.

Counted on Valkey, which all processes share. While it cannot be reached each process counts for
itself, so that an outage of it neither stops the door nor opens it: at worst a caller has the
limit once per process. Keys are digests, values are counts and customers' ids.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple, Protocol, TypeVar
from uuid import UUID

import redis
import structlog

from infra.http.local_counts import LocalCounts
from infra.http.shared_counts import SharedCounts
from infra.servers.problem import ServerProblem

AGAIN_AFTER = 5.0
"""Seconds for which a Valkey that did not answer is not asked again."""
_T = TypeVar("_T")
log = structlog.get_logger()


class Limit(NamedTuple):
    """`quota` in `window` seconds."""

    name: str
    quota: int
    window: int


class Left(NamedTuple):
    """What a limit leaves: `remaining` of it, more in `reset` seconds."""

    limit: Limit
    allowed: bool
    remaining: int
    reset: int


class Seen(NamedTuple):
    """`first`: the first refusal within a window, which is the one to record; `subjects` are then
    those looked at in it."""

    allowed: bool
    reset: int
    first: bool = False
    subjects: Sequence[UUID] = ()


class Limits(NamedTuple):
    """`credential` and `source` count requests, `customers` different customers of one actor."""

    credential: Limit = Limit("credential", 3_000, 60)
    source: Limit = Limit("source", 6_000, 60)
    customers: Limit = Limit("customers", 1_000, 600)

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Limits:
        """From DOSSIER_LIMIT_CREDENTIAL, _SOURCE and _CUSTOMERS, each QUOTA/SECONDS.

        Raises ServerProblem.
        """
        found = {}
        for name, usual in zip(cls._fields, cls(), strict=True):
            setting = f"DOSSIER_LIMIT_{name.upper()}"
            quota, _, window = environment.get(setting, "").partition("/")
            if not (quota or window):
                continue
            if not (_is_number(quota) and _is_number(window)):
                raise ServerProblem(
                    f"{setting} is a number of requests and of seconds, as in 600/60"
                )
            found[name] = usual._replace(quota=int(quota), window=int(window))
        return cls()._replace(**found)


class Counts(Protocol):
    def take(self, key: str, quota: int, window: int, at: float) -> tuple[bool, int]:
        """Whether one more is allowed, and how many are used then."""

    def see(
        self, key: str, subjects: Sequence[UUID], quota: int, window: int, at: float
    ) -> tuple[bool, float, Sequence[UUID]]:
        """Whether so many different subjects are allowed, when the oldest was seen, all seen."""

    def first(self, key: str, window: int, at: float) -> bool:
        """Whether this is the first time in a window."""


class Counters:
    """`clock` in seconds since 1970; `local` and `shared` count alike."""

    def __init__(self, redis_url: str, clock: Callable[[], float] = time.time) -> None:
        self._shared = SharedCounts(redis_url)
        self._local = LocalCounts()
        self._clock = clock
        self._not_before = 0.0

    def take(self, limit: Limit, of: str) -> Left:
        at = self._clock()
        allowed, used = self._counts(
            lambda counts: counts.take(_key(limit.name, of), limit.quota, limit.window, at)
        )
        reset = int(limit.window - at % limit.window) + 1
        return Left(limit, allowed, max(0, limit.quota - used), reset)

    def see(self, limit: Limit, actor: str, subjects: Sequence[UUID]) -> Seen:
        at = self._clock()
        key = _key(limit.name, actor)
        allowed, oldest, seen = self._counts(
            lambda counts: counts.see(key, subjects, limit.quota, limit.window, at)
        )
        if allowed:
            return Seen(True, 0)
        first = self._counts(lambda counts: counts.first(f"{key}:told", limit.window, at))
        reset = max(1, int(oldest + limit.window - at) + 1)
        return Seen(False, reset, first, seen if first else ())

    def first(self, name: str, of: str, window: int) -> bool:
        """Whether something happens to somebody for the first time in a window."""
        at = self._clock()
        return self._counts(lambda counts: counts.first(_key(name, of), window, at))

    def close(self) -> None:
        self._shared.close()

    def _counts(self, ask: Callable[[Counts], _T]) -> _T:
        if time.monotonic() >= self._not_before:
            try:
                return ask(self._shared)
            except (redis.RedisError, OSError) as fault:
                self._not_before = time.monotonic() + AGAIN_AFTER
                log.warning("http.counts_alone", fault=type(fault).__name__)
        return ask(self._local)


def _key(name: str, of: str) -> str:
    return f"dossier:door:{name}:{sha256(of.encode(errors='surrogatepass')).hexdigest()[:32]}"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text[:10]) > 0 and len(text) < 10
