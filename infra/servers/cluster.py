"""A cluster: the folder of PostgreSQL's data, made once, and how the server's user gets into it."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from infra.home import write_private
from infra.servers import binaries
from infra.servers.leash import ENVIRONMENT
from infra.servers.problem import ServerProblem


def other_user(data: Path) -> tuple[int, int] | None:
    """Whom root becomes, since PostgreSQL refuses to run as root: who owns the data already."""
    if os.geteuid() != 0:
        return None
    if data.exists():
        owner = data.stat()
        if owner.st_uid == 0:
            raise ServerProblem(f"{data} belongs to root, as whom PostgreSQL refuses to run")
        return owner.st_uid, owner.st_gid
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    raise ServerProblem("root needs a user postgres or nobody to run PostgreSQL as; there is none")


@contextlib.contextmanager
def entrance(folder: Path, user: tuple[int, int] | None) -> Iterator[tuple[Path, tuple[int, ...]]]:
    """A path to `folder` that the server's user can follow.

    A data folder below /root is closed to that user. An open descriptor handed down leads past
    the closed folders, and the server, its children and initdb all inherit it.
    """
    if user is None or binaries.reachable_by_others(folder):
        yield folder, ()
        return
    door = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield Path(f"/proc/self/fd/{door}"), (door,)
    finally:
        os.close(door)


def make_data(
    folder: Path,
    entrance: Path,
    programs: Path,
    user: tuple[int, int] | None,
    keep_open: tuple[int, ...],
) -> None:
    """initdb into a draft that is renamed when complete, so a kill in between leaves nothing."""
    draft = folder / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    password = secrets.token_urlsafe(24)
    write_private(folder / "password", password)
    write_private(folder / "password.init", password)
    if user:
        for path in (draft, folder / "password.init"):
            os.chown(path, *user)
    made = subprocess.run(
        [
            programs / "bin/initdb",
            f"--pgdata={entrance / 'data.new'}",
            "--username=postgres",
            "--auth=scram-sha-256",
            f"--pwfile={entrance / 'password.init'}",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--data-checksums",
            "--no-instructions",
        ],
        check=False,
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        cwd="/",
        pass_fds=keep_open,
        user=user[0] if user else None,
        group=user[1] if user else None,
        extra_groups=[] if user else None,
    )
    (folder / "password.init").unlink()
    if made.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        said = [line for line in made.stderr.splitlines() if "error" in line or "FATAL" in line]
        said = said or made.stderr.strip().splitlines()[-1:] or [f"exit {made.returncode}"]
        because = re.sub(r"^.*?(FATAL|error):", "", said[0]).strip()
        raise ServerProblem(f"PostgreSQL cannot be set up in {folder}: {because}")
    draft.rename(folder / "data")
