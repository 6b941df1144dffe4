"""Starting the servers of our own: what they are like, and what they say when they cannot start."""

from __future__ import annotations

import os
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from infra.home import Home
from infra.servers import ServerProblem, postgres, valkey


@pytest.fixture
def log(home: Home) -> Path:
    return home.log / "postgres.log"


@pytest.fixture
def server(home: Home, log: Path) -> Iterator[postgres.Postgres]:
    server = postgres.start(home.pg, log)
    yield server
    server.stop()


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestPostgres:
    def test_listens_on_loopback_alone_keeps_checksums_and_counts_in_utc(
        self, server: postgres.Postgres
    ) -> None:
        with psycopg.connect(server.url()) as connection:
            shown = {
                name: connection.execute(f"SHOW {name}").fetchone()
                for name in (
                    "listen_addresses",
                    "unix_socket_directories",
                    "data_checksums",
                    "timezone",
                    "fsync",
                )
            }
        assert shown == {
            "listen_addresses": ("127.0.0.1",),
            "unix_socket_directories": ("",),
            "data_checksums": ("on",),
            "timezone": ("UTC",),
            "fsync": ("on",),
        }

    def test_asks_for_a_password_that_only_we_can_read(
        self, server: postgres.Postgres, home: Home
    ) -> None:
        assert permissions(home.pg / "password") == 0o600
        assert permissions(home.pg / "data") == 0o700
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.url().replace(server.password, "wrong"))
        with psycopg.connect(server.url("postgres")) as connection:
            methods = connection.execute(
                "SELECT DISTINCT auth_method FROM pg_hba_file_rules"
            ).fetchall()
        assert methods == [("scram-sha-256",)]

    def test_writes_nothing_to_its_log_that_people_typed(
        self, server: postgres.Postgres, log: Path
    ) -> None:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("CREATE TABLE person (name text PRIMARY KEY)")
            connection.execute("INSERT INTO person VALUES (%s)", ("Ann Secret",))
            with pytest.raises(psycopg.errors.UniqueViolation, match="Ann Secret"):
                connection.execute("INSERT INTO person VALUES (%s)", ("Ann Secret",))
            with pytest.raises(psycopg.DataError, match="Ann Secret"):
                connection.execute("SELECT 'Ann Secret'::integer")
            with pytest.raises(psycopg.errors.RaiseException):
                connection.execute("DO $$ BEGIN RAISE WARNING 'w'; RAISE 'Ann Secret'; END $$")
        server.stop()
        written = log.read_text()
        assert "ready to accept connections" in written
        assert "Ann Secret" not in written

    def test_starts_again_with_the_same_port_password_and_rows(
        self, server: postgres.Postgres, home: Home, log: Path
    ) -> None:
        with psycopg.connect(server.url()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        server.stop()
        assert server.process.returncode == 0
        again = postgres.start(home.pg, log)
        try:
            assert again.url() == server.url()
            with psycopg.connect(again.url()) as connection:
                assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        finally:
            again.stop()

    def test_moves_to_another_port_when_the_saved_one_is_taken(
        self, server: postgres.Postgres, home: Home, log: Path
    ) -> None:
        server.stop()
        with socket.create_server(("127.0.0.1", server.port)):
            moved = postgres.start(home.pg, log)
            moved.stop()
        assert moved.port != server.port
        assert (home.pg / "port").read_text() == str(moved.port)

    def test_refuses_data_on_which_a_server_runs_and_names_it(
        self, server: postgres.Postgres, home: Home, log: Path
    ) -> None:
        with pytest.raises(ServerProblem, match=f"already runs on .* process {server.process.pid}"):
            postgres.start(home.pg, log)
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)

    def test_is_set_up_anew_where_a_first_set_up_was_cut_off(self, home: Home, log: Path) -> None:
        half = home.pg / "data.new"
        half.mkdir(parents=True)
        (half / "PG_VERSION").write_text("18\n")
        server = postgres.start(home.pg, log)
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("dossier",)
        server.stop()
        assert not half.exists()

    def test_says_in_one_line_why_it_cannot_start(
        self, server: postgres.Postgres, home: Home, log: Path
    ) -> None:
        server.stop()
        with pytest.raises(ServerProblem) as problem:
            postgres.start(home.pg, log, {"shared_buffers": "nonsense"})
        assert 'invalid value for parameter "shared_buffers": "nonsense"' in str(problem.value)
        assert "\n" not in str(problem.value)

    def test_says_that_its_folder_cannot_be_made(self, home: Home, log: Path) -> None:
        home.pg.write_text("a file where the folder should be")
        with pytest.raises(ServerProblem, match=r"PostgreSQL cannot use .*: File exists"):
            postgres.start(home.pg, log)

    def test_is_only_started_from_the_main_thread(self, home: Home, log: Path) -> None:
        faults: list[Exception] = []

        def start() -> None:
            try:
                postgres.start(home.pg, log)
            except RuntimeError as fault:
                faults.append(fault)

        thread = threading.Thread(target=start)
        thread.start()
        thread.join()
        assert "main thread" in str(faults[0])


class TestValkey:
    def test_keeps_messages_over_a_restart_and_never_drops_one_for_room(self, home: Home) -> None:
        server = valkey.start(home.valkey, home.log / "valkey.log")
        with redis.Redis.from_url(server.url) as client:
            client.rpush("queue", "a message")
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
            assert client.config_get("bind") == {"bind": "127.0.0.1"}
        server.stop()
        assert server.process.returncode == 0
        again = valkey.start(home.valkey, home.log / "valkey.log")
        with redis.Redis.from_url(again.url) as client:
            assert client.lrange("queue", 0, -1) == [b"a message"]
        again.stop()

    def test_asks_for_a_password_that_only_we_can_read(self, home: Home) -> None:
        server = valkey.start(home.valkey, home.log / "valkey.log")
        assert permissions(home.valkey) == 0o700
        assert permissions(home.valkey / "valkey.conf") == 0o600
        with (
            redis.Redis(port=server.port, retry=valkey.ONCE) as stranger,
            pytest.raises(redis.AuthenticationError),
        ):
            stranger.ping()
        server.stop()

    def test_refuses_data_on_which_a_server_runs_and_names_it(self, home: Home) -> None:
        server = valkey.start(home.valkey, home.log / "valkey.log")
        with pytest.raises(ServerProblem, match=f"process {server.process.pid}"):
            valkey.start(home.valkey, home.log / "valkey.log")
        server.stop()


class TestDataFolder:
    def test_keys_and_credentials_are_closed_to_others(self, home: Home) -> None:
        assert permissions(home.keys) == 0o700
        assert permissions(home.credentials) == 0o700

    def test_is_named_by_the_environment(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DOSSIER_HOME", str(tmp_path / "elsewhere"))
        assert Home.at() == Home(tmp_path / "elsewhere")
        monkeypatch.delenv("DOSSIER_HOME")
        monkeypatch.chdir(tmp_path)
        assert Home.at() == Home(tmp_path / "var")

    def test_is_never_put_into_the_root_of_a_system_folder_unasked(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("DOSSIER_HOME", raising=False)
        monkeypatch.chdir("/tmp")
        with pytest.raises(ServerProblem, match="/tmp is no place for a data folder"):
            Home.at()
        assert not os.path.lexists("/tmp/var")

    def test_says_why_it_cannot_be_used(self, tmp_path: Path) -> None:
        (tmp_path / "taken").write_text("a file")
        with pytest.raises(ServerProblem, match="taken cannot be used: File exists"):
            Home.at(tmp_path / "taken")
