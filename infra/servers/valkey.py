"""A Valkey server of our own: wake-ups and queues, on 127.0.0.1 with a password.

It may lose its last second in a power cut. Nothing depends on it: what must not be lost is in
PostgreSQL before a message about it is sent.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from infra.home import write_private
from infra.servers import binaries
from infra.servers.problem import ServerProblem
from infra.servers.process import begin, free_port, reason, working_in

CONFIGURATION = """\
bind 127.0.0.1
port {port}
protected-mode yes
requirepass {password}
dir "{folder}"
save ""
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
loglevel warning
"""


# The client's own default tries again for seconds before it says that nobody answers.
ONCE = Retry(NoBackoff(), retries=0)


@dataclass(frozen=True, slots=True)
class Valkey:
    port: int
    password: str
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def stop(self, patience: float = 10.0) -> None:
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(folder: Path, log: Path, patience: float = 20.0) -> Valkey:
    """Start the server on `folder`. It stops when this process ends; call from the main thread.

    Raises ServerProblem when another server runs on these data or this one cannot.
    """
    folder = folder.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        with (folder / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return _start(folder, log, patience)
    except OSError as error:
        raise ServerProblem(f"Valkey cannot use {folder}: {error.strerror}") from error


def _start(folder: Path, log: Path, patience: float) -> Valkey:
    secret = folder / "password"
    if not secret.exists():
        write_private(secret, secrets.token_urlsafe(24))
    password = secret.read_text()
    _wait_for_predecessor(folder)
    saved = folder / "port"
    wanted = saved.read_text() if saved.exists() else ""
    port = free_port(int(wanted) if wanted.isdigit() else 0)
    for attempt in range(3):
        configuration = folder / "valkey.conf"
        quoted = str(folder).replace("\\", "\\\\").replace('"', '\\"')
        write_private(
            configuration,
            CONFIGURATION.format(port=port, password=password, folder=quoted),
        )
        before = log.stat().st_size if log.exists() else 0
        process = begin(
            [binaries.valkey(), configuration],
            stop_with=signal.SIGTERM,
            log=log,
        )
        server = Valkey(port, password, process)
        try:
            if _answers(server, patience):
                saved.write_text(str(port))
                return server
        except BaseException:
            server.stop()
            raise
        if attempt < 2 and free_port(port) != port:
            port = free_port()
            continue
        break
    raise ServerProblem(f"Valkey did not start: {reason(log, before)} (log: {log})")


def _wait_for_predecessor(folder: Path, patience: float = 2.0) -> None:
    end = time.monotonic() + patience
    while left := [pid for pid in working_in(folder) if pid != os.getpid()]:
        if time.monotonic() > end:
            raise ServerProblem(f"Valkey already runs on {folder} as process {left[0]}")
        time.sleep(0.05)


def _answers(server: Valkey, patience: float) -> bool:
    end = time.monotonic() + patience
    with redis.Redis(port=server.port, password=server.password, retry=ONCE) as client:
        while server.process.poll() is None:
            try:
                client.ping()
            except redis.RedisError as error:
                if time.monotonic() > end:
                    raise ServerProblem(f"Valkey does not answer: {error}") from error
                time.sleep(0.01)
            else:
                return True
    return False
