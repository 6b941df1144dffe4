"""Opened keys that a process keeps: for how long, dropped on news, and useless without news."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from domain.personal import Category
from infra.product import Product
from infra.vault.cache import KeyCache
from infra.vault.epochs import Epochs
from infra.vault.postgres_keyring import PostgresKeyring
from infra.vault.providers import chosen_provider
from infra.vault.unavailable import KeysUnavailable, WatchLost
from infra.vault.watch import LEASE, Watch
from tests.infra.other_process import wait_until

Asked = list[int]


def keys_of(product: Product) -> Epochs:
    assert product.epochs is not None
    return product.epochs


@contextmanager
def kept(product: Product) -> Iterator[tuple[PostgresKeyring, Watch, Asked]]:
    """A keyring of its own, with a count of how often it asked the database."""
    asked: Asked = []

    @contextmanager
    def connect() -> Iterator[Connection[Any]]:
        asked.append(1)
        with keys_of(product).connect() as connection:
            yield connection

    watch = Watch(product.addresses.database_url)
    epochs = Epochs(connect, chosen_provider(product.home.keys, {}))
    try:
        yield PostgresKeyring(connect, epochs, watch=watch), watch, asked
    finally:
        watch.close()


class TestKeeping:
    def test_asks_the_database_once(self, running: Product, erika: UUID) -> None:
        wanted = [(erika, Category.IDENTITY, 1), (erika, Category.CONTACT, 1)]
        with kept(running) as (keyring, _, asked):
            first = keyring.for_opening(wanted)
            before = len(asked)
            for _ in range(20):
                assert keyring.for_opening(wanted) == first
            assert len(asked) == before

    def test_the_first_to_ask_at_one_moment_all_wait_for_the_watch(
        self, running: Product, erika: UUID
    ) -> None:
        """As when a process has just started and requests are waiting for it."""
        readers = 8
        together = threading.Barrier(readers)

        def read(keyring: PostgresKeyring) -> int:
            together.wait()
            return len(keyring.for_opening([(erika, Category.IDENTITY, 1)]))

        with kept(running) as (keyring, _, _), ThreadPoolExecutor(readers) as pool:
            assert list(pool.map(read, [keyring] * readers)) == [1] * readers

    def test_without_a_watch_it_keeps_nothing(self, running: Product, erika: UUID) -> None:
        keyring = PostgresKeyring(keys_of(running).connect, running.epochs)
        assert keyring.for_opening([(erika, Category.IDENTITY, 1)])
        running.keyring.destroy(erika)
        assert keyring.for_opening([(erika, Category.IDENTITY, 1)]) == {}

    @pytest.mark.parametrize("change", ["restrict", "destroy", "epoch"])
    def test_news_reach_another_process_at_once(
        self, running: Product, erika: UUID, change: str
    ) -> None:
        wanted = [(erika, Category.IDENTITY, 1)]
        with kept(running) as (keyring, _, asked):
            assert len(keyring.for_opening(wanted)) == 1
            begun, before = time.monotonic(), len(asked)
            if change == "restrict":
                running.keyring.restrict(erika, list(Category))
                wait_until(
                    lambda: (
                        {k.state for k in keyring.for_opening(wanted).values()} == {"restricted"}
                    )
                )
            elif change == "destroy":
                running.keyring.destroy(erika)
                wait_until(lambda: keyring.for_opening(wanted) == {})
            else:
                assert running.epochs is not None
                running.epochs.rotate()
                wait_until(lambda: bool(keyring.for_opening(wanted)) and len(asked) > before)
            assert time.monotonic() - begun < 1.0

    def test_what_was_read_before_the_news_is_not_kept_after_it(self) -> None:
        """A key is read, then destroyed, the news come, then the reader is done reading."""
        cache: KeyCache[str] = KeyCache()
        person = uuid4()
        news = cache.news
        cache.evict(person)
        cache.put({(person, Category.CONTENT, 1): "a key"}, news)
        assert cache.get(person, (Category.CONTENT, 1)) is None
        cache.put({(person, Category.CONTENT, 1): "a key"}, cache.news)
        assert cache.get(person, (Category.CONTENT, 1)) == "a key"

    def test_is_bounded_in_number_and_in_time(self) -> None:
        cache: KeyCache[int] = KeyCache(seconds=0.05, subjects=100)
        people = [uuid4() for _ in range(1_000)]
        for number, person in enumerate(people):
            cache.put({(person, Category.CONTENT, 1): number}, cache.news)
            assert len(cache) <= 100
        assert cache.get(people[-1], (Category.CONTENT, 1)) == 999
        time.sleep(0.06)
        assert cache.get(people[-1], (Category.CONTENT, 1)) is None


class TestConnectionLost:
    def test_broken_off_it_is_made_anew_and_everything_read_anew(
        self, running: Product, erika: UUID, database: str
    ) -> None:
        wanted = [(erika, Category.IDENTITY, 1)]
        with kept(running) as (keyring, watch, asked):
            assert len(keyring.for_opening(wanted)) == 1
            before, first = len(asked), watch.backend()
            with psycopg.connect(database, autocommit=True) as admin:
                admin.execute("SELECT pg_terminate_backend(%s)", (first,))
            wait_until(lambda: watch.backend() not in (None, first))
            wait_until(lambda: bool(opens(keyring, wanted[0])) and len(asked) > before)

    @pytest.mark.parametrize("erased", [True, False])
    def test_cut_without_a_word_it_opens_nothing_until_it_is_back(
        self, running: Product, erika: UUID, erased: bool
    ) -> None:
        """As by a firewall that drops every packet: no error, just silence."""
        wanted = (erika, Category.IDENTITY, 1)
        with Wire.to(running.addresses.database_url) as wire:
            watch = Watch(wire.dsn)
            keyring = PostgresKeyring(keys_of(running).connect, running.epochs, watch=watch)
            assert opens(keyring, wanted) is True
            wire.silent.set()
            begun = time.monotonic()
            if erased:
                running.keyring.destroy(erika)
            with pytest.raises(WatchLost):
                while time.monotonic() < begun + LEASE + 1:
                    keyring.for_opening([wanted])
                    time.sleep(0.01)
            assert time.monotonic() - begun <= LEASE + 0.2
            for _ in range(10):
                assert opens(keyring, wanted) is None
                time.sleep(0.05)
            wire.silent.clear()
            wait_until(lambda: opens(keyring, wanted) is not None)
            assert opens(keyring, wanted) is not erased
            watch.close()

    def test_where_news_do_not_come_through_it_opens_nothing(
        self, running: Product, erika: UUID
    ) -> None:
        """As behind a pooler that shares connections: questions are answered, news are lost."""
        wanted = (erika, Category.IDENTITY, 1)
        with Wire.to(running.addresses.database_url) as wire:
            wire.deaf.set()
            watch = Watch(wire.dsn)
            keyring = PostgresKeyring(keys_of(running).connect, running.epochs, watch=watch)
            assert opens(keyring, wanted) is None
            wire.deaf.clear()
            wait_until(lambda: opens(keyring, wanted) is True)
            watch.close()

    def test_a_server_that_is_not_there_opens_nothing(self, running: Product, erika: UUID) -> None:
        watch = Watch("postgresql://postgres@127.0.0.1:1/nowhere")
        keyring = PostgresKeyring(keys_of(running).connect, running.epochs, watch=watch)
        assert opens(keyring, (erika, Category.IDENTITY, 1)) is None
        watch.close()

    def test_sealing_goes_on_without_news(self, running: Product, erika: UUID) -> None:
        """The append itself looks at the key, so sealing needs none."""
        watch = Watch("postgresql://postgres@127.0.0.1:1/nowhere")
        keyring = PostgresKeyring(keys_of(running).connect, running.epochs, watch=watch)
        assert len(keyring.for_sealing([(erika, Category.IDENTITY)])) == 1
        watch.close()


class Wire:
    """A connection to a server through which nothing passes while it is `silent`, and no
    notification while it is `deaf`."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.silent = threading.Event()
        self.deaf = threading.Event()
        self._cut = threading.Event()
        self._ends: list[socket.socket] = []
        self.dsn = ""

    @classmethod
    @contextmanager
    def to(cls, dsn: str) -> Iterator[Wire]:
        parts = conninfo_to_dict(dsn)
        wire = cls(str(parts["host"]), int(str(parts["port"])))
        port = wire._door.getsockname()[1]
        wire.dsn = make_conninfo(
            dsn, host="127.0.0.1", port=port, sslmode="disable", gssencmode="disable"
        )
        threading.Thread(target=wire._take_calls, daemon=True).start()
        try:
            yield wire
        finally:
            wire._cut.set()
            for end in [wire._door, *wire._ends]:
                end.close()

    def _take_calls(self) -> None:
        while not self._cut.is_set():
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            far = socket.create_connection(self._server)
            self._ends += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(
                    target=self._carry, args=(source, target, source is far), daemon=True
                ).start()

    def _carry(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        held = b""
        with suppress(OSError):
            while data := source.recv(65_536):
                while self.silent.is_set() and not self._cut.is_set():
                    time.sleep(0.01)
                if answers:
                    data, held = self._heard(held + data)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def _heard(self, data: bytes) -> tuple[bytes, bytes]:
        """Whole messages of the server that are passed on, and the rest. Each is a letter and its
        length; A is a notification."""
        passed = b""
        while len(data) >= 5:
            length = 1 + int.from_bytes(data[1:5])
            if len(data) < length:
                break
            if not (self.deaf.is_set() and data[:1] == b"A"):
                passed += data[:length]
            data = data[length:]
        return passed, data


def opens(keyring: PostgresKeyring, reference: tuple[UUID, Category, int]) -> bool | None:
    """None while it refuses."""
    try:
        return bool(keyring.for_opening([reference]))
    except KeysUnavailable:
        return None
