"""Server processes: beginning one on a leash, and finding those that still work in a folder."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

LEASH = Path(__file__).with_name("leash.py")
LOG_LIMIT = 4 * 2**20


def begin(
    command: Sequence[str | Path],
    *,
    stop_with: signal.Signals,
    log: Path,
    user: tuple[int, int] | None = None,
    keep_open: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a server that gets `stop_with` when this process ends, however it ends.

    Only from the main thread: the kernel sends the signal when the *thread* that forked ends.
    The server has a process group of its own, so a Ctrl-C at the terminal reaches us alone.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("start servers from the main thread: they stop when their thread ends")
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".old.log"))
    uid, gid = user or (-1, -1)
    leash = [sys.executable, "-I", "-S", LEASH, stop_with.value, os.getpid(), uid, gid]
    with log.open("ab") as out:
        return subprocess.Popen(
            [str(word) for word in (*leash, *command)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd="/",
            process_group=0,
            pass_fds=keep_open,
        )


def working_in(folder: Path) -> list[int]:
    """The living processes whose working directory is `folder`, as both servers' is their data.

    A zombie has no working directory, so a dead server that nobody reaps is not counted.
    """
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def free_port(wanted: int = 0) -> int:
    """The wanted port of 127.0.0.1 if it is free, else one from the kernel."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def reason(log: Path, since: int) -> str:
    """Why a server ended, from what it wrote after byte `since` of its log."""
    if not log.exists():
        return "it wrote no reason"
    with log.open("rb") as file:
        file.seek(since if since <= log.stat().st_size else 0)
        lines = file.read().decode("utf-8", "replace").strip().splitlines()
    fatal = [
        line
        for line in lines
        if ("FATAL" in line or "PANIC" in line) and "the database system is" not in line
    ]
    said = (fatal or lines[-1:] or ["it wrote no reason"])[0]
    return re.sub(r"^.*?(FATAL|PANIC):", "", said).strip()
