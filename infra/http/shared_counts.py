"""Counting on Valkey, for all processes at once. Each question is one script, so one step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import redis

from infra.servers.valkey import ONCE

PATIENCE = 1.0
_TAKE = """
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
used = used + math.floor(tonumber(redis.call('GET', KEYS[2]) or '0') * tonumber(ARGV[2]))
if used >= tonumber(ARGV[1]) then return {0, used} end
redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], 2 * tonumber(ARGV[3]))
return {1, used + 1}
"""
_SEE = """
local at, window, quota = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', at - window)
local known, fresh = redis.call('ZCARD', KEYS[1]), 0
for n = 4, #ARGV do
  if not redis.call('ZSCORE', KEYS[1], ARGV[n]) then fresh = fresh + 1 end
end
if known + fresh > quota then
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return {0, oldest[2] or ARGV[1], redis.call('ZRANGE', KEYS[1], 0, -1)}
end
for n = 4, #ARGV do redis.call('ZADD', KEYS[1], at, ARGV[n]) end
redis.call('EXPIRE', KEYS[1], window)
return {1, ARGV[1], {}}
"""


class SharedCounts:
    """Raises redis.RedisError where Valkey does not answer within a second."""

    def __init__(self, redis_url: str) -> None:
        self._client: Any = redis.Redis.from_url(
            redis_url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=ONCE
        )
        self._take = self._client.register_script(_TAKE)
        self._see = self._client.register_script(_SEE)

    def take(self, key: str, quota: int, window: int, at: float) -> tuple[bool, int]:
        number, share = int(at // window), 1 - (at % window) / window
        keys = [f"{key}:{number}", f"{key}:{number - 1}"]
        allowed, used = self._take(keys=keys, args=[quota, share, window])
        return bool(allowed), int(used)

    def see(
        self, key: str, subjects: Sequence[UUID], quota: int, window: int, at: float
    ) -> tuple[bool, float, Sequence[UUID]]:
        fresh = {subject.hex for subject in subjects}
        allowed, oldest, seen = self._see(keys=[key], args=[at, window, quota, *fresh])
        return bool(allowed), float(oldest), [UUID(one.decode()) for one in seen]

    def first(self, key: str, window: int, at: float) -> bool:
        return bool(self._client.set(key, 1, nx=True, ex=window))

    def close(self) -> None:
        self._client.close()
