"""A leash: this program becomes a server that is told to stop when the process that began it dies.

Run as `python -I -S leash.py SIGNAL PARENT UID GID PROGRAM ARGUMENT...`; UID -1 keeps the user.
A program of its own, not a `preexec_fn`, because code between fork and exec is unsafe in a process
with threads. The kernel clears the signal when the user changes, so the order below matters.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "TZ": "UTC", "LC_ALL": "C.UTF-8"}


def main(signal: int, parent: int, uid: int, gid: int, command: list[str]) -> None:
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal) != 0:
        raise SystemExit("the kernel refused PR_SET_PDEATHSIG")
    if os.getppid() != parent:
        raise SystemExit("the process that asked for this server is gone")
    os.execve(command[0], command, ENVIRONMENT)


if __name__ == "__main__":
    signal, parent, uid, gid = map(int, sys.argv[1:5])
    main(signal, parent, uid, gid, sys.argv[5:])
