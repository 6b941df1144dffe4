"""What every test may ask for: a database of its own, a queue, a data folder, a terminal.

One PostgreSQL and one Valkey serve a whole run. The xdist controller, or the only process, owns
them; workers are told the addresses. Disk safety is off, in tests only, and data are in memory
where the machine has a folder for that: a test makes and drops hundreds of files, and ext4 passes
over every one that was dropped in the last minutes to make another, up to a second a test.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import logging
import os
import shutil
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import psycopg
import pytest
import redis
import structlog

from infra.home import Home
from infra.record.migrate import migrate
from infra.servers import postgres, valkey
from tests.cli.terminal import Terminal, at_prompt, prompted
from tests.driven import Driven
from tests.examples import TIMES, examples

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

ROOT = Path(__file__).parent.parent
MEMORY, DISK = Path("/dev/shm"), ROOT / "var" / "test"
ROOM = 2 * 1024**3
PREFIX, LOCK = "dossier-run-", "run.lock"
TEMPLATE = "template_dossier"
NUMBERS = itertools.count(1)
UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class RunServers:
    """The servers of one test run, started when first asked for."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._lock: IO[str] | None = None
        self._servers: tuple[postgres.Postgres, valkey.Valkey] | None = None

    def addresses(self) -> dict[str, str]:
        if self._servers is None:
            DISK.mkdir(parents=True, exist_ok=True)
            remove_killed_runs()
            place = MEMORY if has_room(MEMORY) else DISK
            self._folder = Path(tempfile.mkdtemp(dir=place, prefix=PREFIX))
            self._lock = (self._folder / LOCK).open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            home = Home.at(self._folder)
            database = postgres.start(home.pg, home.log / "postgres.log", UNSAFE)
            queue = valkey.start(home.valkey, home.log / "valkey.log")
            self._servers = database, queue
            with psycopg.connect(database.url("postgres"), autocommit=True) as admin:
                admin.execute(f"CREATE DATABASE {TEMPLATE}")
            migrate(database.url(TEMPLATE))
        database, queue = self._servers
        return {"postgres": database.url("postgres"), "valkey": queue.url}

    def stop(self) -> None:
        for server in self._servers or ():
            server.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder)
        if self._lock is not None:
            self._lock.close()


def has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK) and shutil.disk_usage(folder).free > ROOM


def remove_killed_runs() -> None:
    """What a living run holds the lock of stays, as several may go on at once."""
    for lock in (lock for place in (MEMORY, DISK) for lock in place.glob(f"{PREFIX}*/{LOCK}")):
        with lock.open("w") as file, contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent)


class FolderSeconds:
    """Where the time of a run goes, by the first folder below tests/."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if type(report) is not pytest.TestReport:
            return  # of a part of a test, whose seconds are in the report of the whole
        folder = Path(report.nodeid.split("::")[0]).parts[1]
        self.spent[folder] += report.duration

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_sep("-", "seconds per folder")
        for folder, seconds in sorted(self.spent.items(), key=lambda spent: -spent[1]):
            terminalreporter.write_line(f"{seconds:8.1f}  {folder}")


SERVERS = pytest.StashKey[RunServers]()


def pytest_configure(config: pytest.Config) -> None:
    # Without the local variables that structlog shows where rich is installed: looking into the
    # frames of other threads has crashed Python 3.11.2.
    plain = structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )
    # Through `logging`, not to whatever stands for standard output: threads of a server write on
    # while pytest closes that, and a file closed under a thread has crashed Python 3.11.2 too.
    structlog.configure(
        processors=[*structlog.get_config()["processors"][:-1], plain],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    logging.getLogger("infra").setLevel(logging.INFO)
    config.stash[SERVERS] = RunServers()
    config.pluginmanager.register(FolderSeconds(), "folder-seconds")
    config.pluginmanager.register(Driven(), "driven")
    if TIMES != 1:
        from hypothesis import settings

        settings.register_profile("fuzz", max_examples=examples(100), deadline=None)
        settings.load_profile("fuzz")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    node.workerinput.update(node.config.stash[SERVERS].addresses())


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[SERVERS].stop()


@pytest.fixture(scope="session")
def server_addresses(request: pytest.FixtureRequest) -> dict[str, str]:
    told: dict[str, str] | None = getattr(request.config, "workerinput", None)
    return told if told is not None else request.config.stash[SERVERS].addresses()


@contextlib.contextmanager
def new_database(server: str, name: str, template: str = TEMPLATE) -> Iterator[str]:
    """The address of a copy of a database nobody is connected to; dropped afterwards."""
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY".encode())
        yield server.removesuffix("postgres") + name
        wait_until_left(admin, name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def wait_until_left(admin: psycopg.Connection, name: str) -> None:
    """Whoever hung up is gone in some milliseconds; dropping would look again after a tenth of a
    second, for every test."""
    for _ in range(20):
        there = admin.execute("SELECT FROM pg_stat_activity WHERE datname = %s", (name,)).fetchone()
        if there is None:
            return
        time.sleep(0.002)


@pytest.fixture(autouse=True)
def log_as_it_comes() -> Iterator[None]:
    """A test that sends the log elsewhere does so for itself alone; where a whole file does, all of
    its tests find it there."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture
def database(server_addresses: dict[str, str], worker_id: str) -> Iterator[str]:
    """The address of a migrated, empty database that is dropped after the test."""
    name = f"test_{worker_id}_{next(NUMBERS)}"
    with new_database(server_addresses["postgres"], name) as address:
        yield address


@pytest.fixture
def redis_url(server_addresses: dict[str, str], worker_id: str) -> str:
    """The address of an empty Valkey database that no other worker uses."""
    number = 1 + int(worker_id.removeprefix("gw") if worker_id != "master" else 0)
    url = server_addresses["valkey"].removesuffix("/0") + f"/{number}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path / "home")


@pytest.fixture(scope="session")
def prompt() -> Iterator[subprocess.Popen[str]]:
    """Each line typed is a process of its own, so that tests at one prompt leave each other
    nothing."""
    with prompted() as opened:
        yield opened


@pytest.fixture
def at_terminal(
    home: Home, database: str, redis_url: str, prompt: subprocess.Popen[str]
) -> Terminal:
    """A terminal of its own for each test, at an empty record."""
    return at_prompt(prompt, home, database, redis_url)
