"""One process owns the servers of a data folder; others are told where they are."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading

import psycopg
import pytest
import redis

from infra.home import Home
from infra.servers import ServerProblem, owner
from infra.servers.owner import Addresses, announce, running, serving
from tests.infra.other_process import Start, servers_left, wait_until

SHUT = "127.0.0.1:1"


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(owner.DATABASE_SETTING, raising=False)
    monkeypatch.delenv(owner.REDIS_SETTING, raising=False)


class TestOwning:
    def test_serves_says_where_and_leaves_nothing_behind(self, home: Home) -> None:
        with serving(home) as addresses:
            assert addresses.owner
            told = json.loads(home.run_file.read_text())
            assert told == {
                "pid": os.getpid(),
                "database_url": addresses.database_url,
                "redis_url": addresses.redis_url,
            }
            assert stat.S_IMODE(home.run_file.stat().st_mode) == 0o600
            with psycopg.connect(addresses.database_url) as connection:
                row = connection.execute("SELECT current_database()").fetchone()
            assert row == ("dossier",)
            with redis.Redis.from_url(addresses.redis_url) as client:
                assert client.ping()
        assert not home.run_file.exists()
        assert servers_left(home) == []

    def test_more_can_be_announced_while_the_owner_lives(self, home: Home) -> None:
        assert running(home) is None
        with serving(home):
            announce(home, api_url="http://127.0.0.1:8765")
            told = running(home)
            assert told is not None
            assert (told["pid"], told["api_url"]) == (os.getpid(), "http://127.0.0.1:8765")
        assert running(home) is None


class TestUsingWhatAnotherOwns:
    def test_gives_the_same_addresses_and_stops_nothing(
        self, home: Home, other_process: Start
    ) -> None:
        other = other_process()
        with serving(home) as addresses:
            assert addresses == Addresses(other.database_url, other.redis_url, owner=False)
        with psycopg.connect(other.database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)

    def test_the_owner_waits_for_those_who_still_use_its_servers(
        self, home: Home, other_process: Start
    ) -> None:
        other = other_process()
        ended: list[int] = []
        with serving(home) as addresses:
            ending = threading.Thread(target=lambda: ended.append(other.end()))
            ending.start()
            wait_until(lambda: not home.run_file.exists())
            with psycopg.connect(addresses.database_url) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
            assert ended == []
        ending.join()
        assert ended == [0]
        assert servers_left(home) == []

    def test_a_second_owner_is_refused_and_told_who_the_first_is(
        self, home: Home, other_process: Start
    ) -> None:
        other = other_process()
        with (
            pytest.raises(ServerProblem, match=f"in use by process {other.process.pid}"),
            serving(home, must_own=True),
        ):
            pass

    def test_what_a_killed_owner_announced_is_not_believed(
        self, home: Home, other_process: Start
    ) -> None:
        other_process().kill()
        assert home.run_file.exists()
        assert running(home) is None
        with serving(home) as addresses:
            assert addresses.owner
            assert json.loads(home.run_file.read_text())["pid"] == os.getpid()


class TestNamedServers:
    def test_are_used_and_none_are_started(
        self,
        home: Home,
        database: str,
        redis_url: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv(owner.DATABASE_SETTING, database)
        monkeypatch.setenv(owner.REDIS_SETTING, redis_url)
        with serving(home) as addresses:
            assert (addresses.database_url, addresses.redis_url) == (database, redis_url)
        assert not home.pg.exists()
        assert not home.valkey.exists()

    def test_one_can_be_named_and_the_other_our_own(
        self, home: Home, database: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(owner.DATABASE_SETTING, database)
        with serving(home) as addresses, redis.Redis.from_url(addresses.redis_url) as client:
            assert addresses.database_url == database
            assert client.ping()
        assert not home.pg.exists()

    @pytest.mark.parametrize(
        ("setting", "address", "says"),
        [
            (
                owner.DATABASE_SETTING,
                f"postgresql://me:hush@{SHUT}/dossier",
                "the database named in DOSSIER_DATABASE_URL does not answer: connection",
            ),
            (
                owner.DATABASE_SETTING,
                "me:hush@nowhere",
                "the database named in DOSSIER_DATABASE_URL has no valid address",
            ),
            (
                owner.REDIS_SETTING,
                f"redis://:hush@{SHUT}/0",
                "the Redis or Valkey named in DOSSIER_REDIS_URL does not answer: Error 111",
            ),
            (
                owner.REDIS_SETTING,
                "me:hush@nowhere",
                "the Redis or Valkey named in DOSSIER_REDIS_URL has no valid address",
            ),
        ],
        ids=["database down", "database misspelt", "queue down", "queue misspelt"],
    )
    def test_that_do_not_answer_are_named_in_one_line_without_the_password(
        self,
        home: Home,
        monkeypatch: pytest.MonkeyPatch,
        setting: str,
        address: str,
        says: str,
    ) -> None:
        monkeypatch.setenv(setting, address)
        with pytest.raises(ServerProblem) as problem, serving(home):
            pass
        assert str(problem.value).startswith(says)
        assert "hush" not in str(problem.value)
        assert "\n" not in str(problem.value)
        assert not home.pg.exists()


def test_two_that_start_at_once_share_the_servers_of_one(home: Home) -> None:
    program = [sys.executable, "-m", "tests.infra.owner_program", str(home.path)]
    both = [
        subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = []
    for process in both:
        assert process.stdout
        told.append(json.loads(process.stdout.readline()))
    assert sorted(answer["owner"] for answer in told) == [False, True]
    assert told[0]["database_url"] == told[1]["database_url"]
    for process in sorted(both, key=lambda process: told[both.index(process)]["owner"]):
        process.communicate()
        assert process.returncode == 0
