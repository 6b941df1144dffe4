"""A worker: takes commands from the queue until it is told to stop."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import dramatiq
import psycopg
import redis
import structlog

from infra.product import Product
from infra.queue.commands import LEFT_BEHIND, CommandQueue
from infra.queue.inbox import Inbox
from infra.vault.inbox_keys import InboxKeys

THREADS = 4
log = structlog.get_logger()


def inbox_of(product: Product) -> Inbox:
    return Inbox(product.record.connection, InboxKeys(product.home.keys, product.installation))


def command_queue(product: Product) -> CommandQueue:
    return CommandQueue(product.addresses.redis_url, inbox_of(product), product.dispatcher)


@contextmanager
def working(queue: CommandQueue, threads: int = THREADS) -> Iterator[None]:
    """A worker's threads for as long as the block runs; what they hold is finished first."""
    worker = dramatiq.Worker(queue.broker, worker_threads=threads, worker_timeout=250)
    stop = Event()
    sweeper = Thread(target=_sweep, args=(queue, stop), name="inbox-sweeper", daemon=True)
    worker.start()
    sweeper.start()
    try:
        yield
    finally:
        stop.set()
        worker.stop(timeout=10_000)
        sweeper.join(10)


def work_until_told(queue: CommandQueue) -> None:
    """Works in this process until SIGINT or SIGTERM; call from the main thread."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with working(queue):
        while not stop.wait(1):
            pass


def _sweep(queue: CommandQueue, stop: Event) -> None:
    while not stop.is_set():
        try:
            if sent := queue.send_left_behind():
                log.info("queue.sent_left_behind", commands=sent)
        except (psycopg.OperationalError, redis.RedisError) as fault:
            log.warning("queue.unavailable", fault=type(fault).__name__)
        stop.wait(LEFT_BEHIND)
