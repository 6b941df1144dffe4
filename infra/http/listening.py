"""Serves the HTTP door on the loopback, beside whatever else the process does."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep

import uvicorn
from starlette.types import ASGIApp

from infra.http.patience import Patient
from infra.servers.problem import ServerProblem

HOST = "127.0.0.1"
PORT = 8765
TRIES = 100
LARGEST_HEAD = 16 * 1024
MOST_AT_ONCE = 1_000
"""Connections; more are told 503 at once."""
IDLE = 75
"""Seconds a connection may lie idle: longer than clients keep one, so that they close it first."""


@contextmanager
def listening(
    app: ASGIApp, port: int = PORT, *, protocol: type[Patient] = Patient
) -> Iterator[str]:
    """The address, for as long as the block runs; requests under way are finished first.

    Port 0: any. Otherwise the first that is free from `port` on. Raises ServerProblem.
    """
    door = _bound(port)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            http=protocol,
            h11_max_incomplete_event_size=LARGEST_HEAD,
            limit_concurrency=MOST_AT_ONCE,
            # A caller of this machine would otherwise say for itself where it comes from.
            proxy_headers=False,
            timeout_graceful_shutdown=5,
            timeout_keep_alive=IDLE,
            lifespan="off",
        )
    )
    thread = Thread(target=server.run, kwargs={"sockets": [door]}, name="http", daemon=True)
    thread.start()
    end = monotonic() + 30
    while not server.started:
        if not thread.is_alive() or monotonic() > end:
            raise ServerProblem("the HTTP server did not start; its log says why")
        sleep(0.01)
    try:
        yield f"http://{HOST}:{door.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(15)
        door.close()


def _bound(port: int) -> socket.socket:
    for candidate in range(port, port + TRIES if port else 1):
        # With the protocol named, asyncio sends each part of an answer at once (TCP_NODELAY).
        # Without, the second waits 40 ms for the caller to confirm the first.
        door = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((HOST, candidate))
            door.listen(128)
        except OSError as error:
            door.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
        else:
            return door
    raise ServerProblem(f"no port is free from {port} to {port + TRIES - 1}")
