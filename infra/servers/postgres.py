"""A PostgreSQL server of our own: its data in one folder, reached on 127.0.0.1 with a password."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from infra.servers import binaries, cluster
from infra.servers.problem import ServerProblem
from infra.servers.process import begin, free_port, reason, working_in

PRODUCT_DATABASE = "dossier"

# The log may hold nothing of what people typed: no statements, no parameters, and no errors, whose
# messages quote values. What is left are starts, stops, crashes and refused logins.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
    "log_lock_waits": "off",
}


@dataclass(frozen=True, slots=True)
class Postgres:
    port: int
    password: str
    process: subprocess.Popen[bytes]

    def url(self, database: str = PRODUCT_DATABASE) -> str:
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    def stop(self, patience: float = 30.0) -> None:
        """End sessions, write a checkpoint, exit; without a checkpoint if that takes too long."""
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(patience)


def start(
    folder: Path, log: Path, settings: Mapping[str, str] | None = None, patience: float = 60.0
) -> Postgres:
    """Start the server on `folder`, making its data first if there are none.

    It stops when this process ends, also by SIGKILL; call from the main thread. Raises
    ServerProblem when another server runs on these data or this one cannot.
    """
    folder = folder.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return _start(folder, log, {**SETTINGS, **(settings or {})}, patience)
    except OSError as error:
        raise ServerProblem(f"PostgreSQL cannot use {folder}: {error.strerror}") from error


def _start(folder: Path, log: Path, settings: dict[str, str], patience: float) -> Postgres:
    data = folder / "data"
    user = cluster.other_user(data)
    programs = binaries.postgres()
    if user and not binaries.reachable_by_others(programs):
        programs = binaries.copied_for_another_user(programs)
    if user:
        folder.chmod(0o711)
    with cluster.entrance(folder, user) as (entrance, keep_open):
        if not data.exists():
            cluster.make_data(folder, entrance, programs, user, keep_open)
        _wait_for_predecessor(data)
        saved = folder / "port"
        wanted = saved.read_text() if saved.exists() else ""
        port = free_port(int(wanted) if wanted.isdigit() else 0)
        for attempt in range(3):
            settings["port"] = str(port)
            before = log.stat().st_size if log.exists() else 0
            process = begin(
                [
                    programs / "bin/postgres",
                    "-D",
                    entrance / "data",
                    *(f"-c{name}={value}" for name, value in settings.items()),
                ],
                stop_with=signal.SIGINT,
                log=log,
                user=user,
                keep_open=keep_open,
            )
            server = Postgres(port, (folder / "password").read_text(), process)
            try:
                if _answers(server, patience):
                    _make_product_database(server)
                    saved.write_text(str(port))
                    return server
            except BaseException:
                server.stop()
                raise
            if attempt < 2 and free_port(port) != port:
                port = free_port()
                continue
            break
    raise ServerProblem(f"PostgreSQL did not start: {reason(log, before)} (log: {log})")


def _wait_for_predecessor(data: Path, patience: float = 15.0) -> None:
    """Until no process works on `data`; then remove the lock file a dead server left.

    PostgreSQL removes it itself except where the dead server is still a zombie (a container whose
    first process reaps nothing) or its number was given to another process.
    """
    lock = data / "postmaster.pid"
    begun = time.monotonic()
    while left := working_in(data):
        waited = time.monotonic() - begun
        lines = lock.read_text().splitlines() if lock.exists() else []
        if lines and int(lines[0]) in left:
            stopping = lines[-1].strip() == "stopping"
            if waited > patience or (waited > 1 and not stopping):
                raise ServerProblem(f"PostgreSQL already runs on {data} as process {lines[0]}")
        elif waited > patience:
            raise ServerProblem(f"sessions of a dead PostgreSQL still work on {data}: {left}")
        elif waited > patience / 3:
            for session in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(session, signal.SIGTERM)
        time.sleep(0.05)
    lock.unlink(missing_ok=True)


def _answers(server: Postgres, patience: float) -> bool:
    """Whether it takes connections before it ends; recovery after a crash may take its time."""
    end = time.monotonic() + patience
    while server.process.poll() is None:
        try:
            psycopg.connect(server.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > end:
                said = str(error).splitlines()[0]
                raise ServerProblem(f"PostgreSQL does not answer: {said}") from error
            time.sleep(0.01)
        else:
            return True
    return False


def _make_product_database(server: Postgres) -> None:
    try:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            known = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", (PRODUCT_DATABASE,)
            ).fetchone()
            if known is None:
                connection.execute(f"CREATE DATABASE {PRODUCT_DATABASE} STRATEGY FILE_COPY")
    except psycopg.Error as error:
        raise ServerProblem(f"database {PRODUCT_DATABASE} cannot be made: {error}") from error
