"""The owner of a data folder's servers: the process that starts them and tells where they are."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Generic, TypeVar

import psycopg
import redis

from infra.home import Home, write_private
from infra.servers import postgres, valkey
from infra.servers.problem import ServerProblem
from infra.servers.setting import setting

DATABASE_SETTING = "DOSSIER_DATABASE_URL"
REDIS_SETTING = "DOSSIER_REDIS_URL"


def nothing_of_ours() -> bool:
    """Where no server was started by this process."""
    return False


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the servers are, and whether this process owns the data folder.

    `revive` starts again, at the same address, a server of ours that was killed, and says whether
    one was; for the owner's main thread. Raises ServerProblem.
    """

    database_url: str
    redis_url: str
    owner: bool
    revive: Callable[[], bool] = field(default=nothing_of_ours, compare=False)


@contextlib.contextmanager
def serving(
    home: Home, *, must_own: bool = False, postgres_settings: Mapping[str, str] | None = None
) -> Iterator[Addresses]:
    """The servers of a data folder, for as long as the block runs; call from the main thread.

    A server named in DOSSIER_DATABASE_URL or DOSSIER_REDIS_URL is used as it is. Otherwise the
    servers of the folder's living owner are used, and if there is none this process becomes the
    owner, starts them, and stops them at the end. Raises ServerProblem when a server cannot be
    started or does not answer, and, with `must_own`, when another process owns the folder.
    """
    if named := setting(DATABASE_SETTING):
        _expect_database(named, f"named in {DATABASE_SETTING}")
    if named := setting(REDIS_SETTING):
        _expect_redis(named, f"named in {REDIS_SETTING}")
    with contextlib.ExitStack() as stack:
        owning = _own_or_attach(home, stack, must_own)
        if owning is None:
            yield _start(home, stack, postgres_settings or {})
        else:
            yield owning


def running(home: Home) -> dict[str, str | int] | None:
    """What the living owner announced: pid, database_url, redis_url, and what it added."""
    with _lock_file(home, "owner.lock") as lock:
        if _locked(lock, fcntl.LOCK_SH):
            return None
        return _read(home.run_file)


def announce(home: Home, **more: str | int) -> None:
    """Add to what others are told, for instance the address of the API. For the owner only."""
    told = _read(home.run_file) or {}
    try:
        write_private(home.run_file, json.dumps({**told, **more}, indent=1) + "\n")
    except OSError as error:
        raise ServerProblem(f"{home.run_file} cannot be written: {error.strerror}") from error


def _own_or_attach(
    home: Home, stack: contextlib.ExitStack, must_own: bool, patience: float = 90.0
) -> Addresses | None:
    """None when this process is now the owner, else the addresses the owner announced.

    The owner holds a file lock for its whole life, so a run.json that a killed one left behind is
    known by the lock being free, whatever process has its number now.
    """
    ownership = stack.enter_context(_lock_file(home, "owner.lock"))
    use = stack.enter_context(_lock_file(home, "use.lock"))
    begun = time.monotonic()
    while True:
        if _locked(ownership, fcntl.LOCK_EX):
            return None
        fcntl.flock(use, fcntl.LOCK_SH)
        told = _read(home.run_file)
        waited = time.monotonic() - begun
        if told and must_own:
            raise ServerProblem(f"the data folder {home.path} is in use by process {told['pid']}")
        if told:
            try:
                return _attached(told)
            except ServerProblem:
                # Its owner may be dying at this moment; then the lock is free in the next.
                if waited > 2:
                    raise
        fcntl.flock(use, fcntl.LOCK_UN)
        if waited > patience:
            raise ServerProblem(
                f"another process has been starting servers in {home.path} too long"
            )
        time.sleep(0.05)


def _attached(told: dict[str, str | int]) -> Addresses:
    database_url = setting(DATABASE_SETTING)
    redis_url = setting(REDIS_SETTING)
    if not database_url:
        database_url = str(told["database_url"])
        _expect_database(database_url, f"of process {told['pid']}")
    if not redis_url:
        redis_url = str(told["redis_url"])
        _expect_redis(redis_url, f"of process {told['pid']}")
    return Addresses(database_url, redis_url, owner=False)


def served(home: Home) -> bool:
    """Whether somebody still runs the servers of a data folder that this process does not own."""
    return all(map(setting, (DATABASE_SETTING, REDIS_SETTING))) or running(home) is not None


def _start(home: Home, stack: contextlib.ExitStack, settings: Mapping[str, str]) -> Addresses:
    home.run_file.unlink(missing_ok=True)
    ours: list[Kept[Any]] = []
    database_url = setting(DATABASE_SETTING)
    if not database_url:
        database = Kept(
            lambda: postgres.start(home.pg, home.log / "postgres.log", settings),
            postgres.Postgres.url,
        )
        stack.callback(database.stop)
        ours.append(database)
        database_url = database.url
    redis_url = setting(REDIS_SETTING)
    if not redis_url:
        queue = Kept(
            lambda: valkey.start(home.valkey, home.log / "valkey.log"), lambda server: server.url
        )
        stack.callback(queue.stop)
        ours.append(queue)
        redis_url = queue.url
    stack.callback(_wait_for_users, home)
    stack.callback(home.run_file.unlink, missing_ok=True)
    announce(home, pid=os.getpid(), database_url=database_url, redis_url=redis_url)

    def revive() -> bool:
        revived = [kept.revive() for kept in ours]
        return any(revived)

    return Addresses(database_url, redis_url, owner=True, revive=revive)


S = TypeVar("S", bound="postgres.Postgres | valkey.Valkey")


class Kept(Generic[S]):
    """A server of ours, started at once and again whenever it was killed."""

    def __init__(self, start: Callable[[], S], url: Callable[[S], str]) -> None:
        self._start = start
        self._url = url
        self._server: S = start()

    @property
    def url(self) -> str:
        return self._url(self._server)

    def revive(self) -> bool:
        """Raises ServerProblem, also where its port was taken meanwhile, which others know."""
        if self._server.process.poll() is None:
            return False
        before, self._server = self.url, self._start()
        if self.url != before:
            raise ServerProblem("a server was killed, and its port was taken by another program")
        return True

    def stop(self) -> None:
        self._server.stop()


def _wait_for_users(home: Home, patience: float = 10.0) -> None:
    """Let commands that use our servers end first; run.json is gone, so no new ones come."""
    end = time.monotonic() + patience
    with _lock_file(home, "use.lock") as use:
        while not _locked(use, fcntl.LOCK_EX) and time.monotonic() < end:
            time.sleep(0.05)


def _lock_file(home: Home, name: str) -> IO[str]:
    path = home.path / name
    try:
        return path.open("a")
    except OSError as error:
        raise ServerProblem(f"{path} cannot be opened: {error.strerror}") from error


def _locked(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(run_file: Path) -> dict[str, str | int] | None:
    try:
        told: dict[str, str | int] = json.loads(run_file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return told


def _expect_database(url: str, which: str) -> None:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.ProgrammingError as error:
        raise ServerProblem(f"the database {which} has no valid address") from error
    except psycopg.OperationalError as error:
        reason = str(error).splitlines()[0]
        raise ServerProblem(f"the database {which} does not answer: {reason}") from error


def _expect_redis(url: str, which: str) -> None:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5, retry=valkey.ONCE) as client:
            client.ping()
    except ValueError as error:
        raise ServerProblem(f"the Redis or Valkey {which} has no valid address") from error
    except redis.RedisError as error:
        raise ServerProblem(f"the Redis or Valkey {which} does not answer: {error}") from error
