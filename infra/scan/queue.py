"""Valkey: names and values of every key of every database, streams, lists, sets and hashes.

Its files lie in the data folder and are read as files; what it compressed there (LZF) is seen here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import redis

from infra.scan.report import Heard, Store
from infra.scan.spelling import Spellings
from infra.scan.stream import Stream

PAGE = 500


def scan_queue(url: str, spellings: Spellings, heard: Heard) -> Store:
    store = Store("queue", says="names and values of all keys")
    begun = time.monotonic()
    try:
        with redis.Redis.from_url(url) as client:
            databases = [int(name.removeprefix("db")) for name in client.info("keyspace")]
        for number in databases:
            with redis.Redis.from_url(url, db=number) as client:
                client.select(number)
                for key in client.scan_iter(count=PAGE):
                    _look(client, number, key, store, spellings)
                    heard(store.name, store.bytes)
    except (redis.ConnectionError, redis.TimeoutError):
        store.skip("Valkey", "it does not answer")
    store.seconds = time.monotonic() - begun
    return store


def _look(client: Any, number: int, key: bytes, store: Store, spellings: Spellings) -> None:
    store.objects += 1
    place = f"db{number} key {store.objects}"
    found: list[tuple[int, str]] = []
    stream = Stream(
        spellings,
        lambda needle, through: found.append((needle, through)),
        lambda why: store.skip(place, why),
    )
    stream.feed(key + b"\n")
    if not found:  # a key's name may be told only if there is nothing in it
        place = f"db{number} {key.decode(errors='backslashreplace')}"
    for piece in _values(client, key):
        stream.feed(piece + b"\n")
        store.bytes += len(piece)
    stream.close()
    store.bytes += len(key)
    for needle, through in found:
        store.note(place, needle, through)


def _values(client: Any, key: bytes) -> Iterator[bytes]:
    kind = client.type(key)
    if kind == b"string":
        size, step = client.strlen(key), 1 << 20
        for start in range(0, size, step):
            yield client.getrange(key, start, start + step - 1)
    elif kind == b"list":
        for start in range(0, client.llen(key), PAGE):
            yield from client.lrange(key, start, start + PAGE - 1)
    elif kind == b"hash":
        for name, value in client.hscan_iter(key, count=PAGE):
            yield name
            yield value
    elif kind == b"set":
        yield from client.sscan_iter(key, count=PAGE)
    elif kind == b"zset":
        for member, _ in client.zscan_iter(key, count=PAGE):
            yield member
    elif kind == b"stream":
        last = b"-"
        while entries := client.xrange(key, min=last, count=PAGE):
            for _, fields in entries:
                for name, value in fields.items():
                    yield name
                    yield value
            last = b"(" + entries[-1][0]
    elif kind != b"none":
        yield client.dump(key) or b""
