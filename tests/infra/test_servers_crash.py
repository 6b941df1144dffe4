"""Servers and their owner die in every order; the next start has every row that was committed."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from infra.home import Home
from infra.servers import postgres
from infra.servers.owner import serving
from tests.infra.other_process import OtherProcess, Start, servers_left, wait_until


class Writer:
    """Commits numbers one by one and remembers those the server has confirmed."""

    def __init__(self, url: str) -> None:
        self.confirmed = 0
        self._url = url
        self._thread = threading.Thread(target=self._write)

    def _write(self) -> None:
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(self._url, autocommit=True) as connection,
        ):
            while True:
                connection.execute("INSERT INTO kept VALUES (%s)", (self.confirmed + 1,))
                self.confirmed += 1

    def __enter__(self) -> Writer:
        with psycopg.connect(self._url) as connection:
            connection.execute("CREATE TABLE kept (number integer PRIMARY KEY)")
        self._thread.start()
        wait_until(lambda: self.confirmed >= 100)
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()


@pytest.fixture
def other(other_process: Start) -> Iterator[OtherProcess]:
    yield other_process()


def assert_kept(home: Home, writer: Writer) -> None:
    """Every confirmed row is there; at most the one under way when it died was added."""
    with serving(home) as addresses, psycopg.connect(addresses.database_url) as connection:
        row = connection.execute("SELECT count(*), max(number) FROM kept").fetchone()
    assert row in {(writer.confirmed,) * 2, (writer.confirmed + 1,) * 2}


def test_the_servers_end_when_their_owner_is_killed(home: Home, other: OtherProcess) -> None:
    with redis.Redis.from_url(other.redis_url) as client:
        client.set("word", "kept")
    with Writer(other.database_url) as writer:
        other.kill()
    wait_until(lambda: servers_left(home) == [])
    assert_kept(home, writer)
    with serving(home) as addresses, redis.Redis.from_url(addresses.redis_url) as client:
        assert client.get("word") == b"kept"


def test_a_start_right_after_a_kill_waits_for_the_old_servers_to_end(
    home: Home, other: OtherProcess
) -> None:
    with Writer(other.database_url) as writer:
        other.kill()
        assert_kept(home, writer)


def test_a_killed_postgres_is_recovered(home: Home, other: OtherProcess) -> None:
    with Writer(other.database_url) as writer:
        os.kill(other.postmaster, signal.SIGKILL)
    other.end()
    assert_kept(home, writer)


def test_owner_and_both_servers_killed_at_once_lose_nothing(
    home: Home, other: OtherProcess
) -> None:
    with Writer(other.database_url) as writer:
        os.kill(other.process.pid, signal.SIGSTOP)
        for pid in (other.postmaster, other.valkey, other.process.pid):
            os.kill(pid, signal.SIGKILL)
    assert_kept(home, writer)


@pytest.mark.parametrize("session", ["idle", "busy"])
def test_sessions_that_outlive_their_server_are_waited_for(
    home: Home, other: OtherProcess, session: str
) -> None:
    """A session computing on after its server's death sees it late; data must not be shared."""
    busy = threading.Thread(target=_compute, args=(other.database_url, session))
    busy.start()
    wait_until(lambda: len(_sessions(other.database_url)) > 0)
    (pid,) = _sessions(other.database_url)
    os.kill(other.postmaster, signal.SIGKILL)
    other.kill()
    with serving(home) as addresses, psycopg.connect(addresses.database_url):
        assert not Path(f"/proc/{pid}/cwd").exists()
    busy.join()


def _compute(url: str, session: str) -> None:
    work = {"idle": "SELECT pg_sleep(60)", "busy": "SELECT count(*) FROM generate_series(1, 1e10)"}
    with (
        contextlib.suppress(psycopg.OperationalError),
        psycopg.connect(url, application_name="computing") as connection,
    ):
        connection.execute(work[session])


def _sessions(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'computing'"
            " AND state = 'active'"
        ).fetchall()
    return [pid for (pid,) in rows]


def test_a_lock_file_that_names_a_stranger_does_not_block(home: Home) -> None:
    """As after a restart of the machine, when another process has the dead server's number."""
    log = home.log / "postgres.log"
    postgres.start(home.pg, log).stop()
    lock = home.pg / "data" / "postmaster.pid"
    lock.write_text(f"{os.getppid()}\n{home.pg / 'data'}\n")
    server = postgres.start(home.pg, log)
    server.stop()
    assert server.process.returncode == 0
