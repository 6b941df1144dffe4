"""A proxy before PostgreSQL that, once told, swallows everything: neither side hears of it."""

from __future__ import annotations

import select
import socket
import threading
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo


def through_proxy(dsn: str, swallow: Path) -> str:
    """The address of the proxy. It forwards until the file `swallow` exists."""
    parts = conninfo_to_dict(dsn)
    target = (str(parts["host"]), int(str(parts["port"])))
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(listener, target, swallow), daemon=True).start()
    changed = {"host": "127.0.0.1", "port": listener.getsockname()[1], "sslmode": "disable"}
    return make_conninfo(**{**parts, **changed})


def _accept(listener: socket.socket, target: tuple[str, int], swallow: Path) -> None:
    while True:
        client, _ = listener.accept()
        threading.Thread(target=_forward, args=(client, target, swallow), daemon=True).start()


def _forward(client: socket.socket, target: tuple[str, int], swallow: Path) -> None:
    with client, socket.create_connection(target) as server:
        ends = {client: server, server: client}
        while True:
            for readable in select.select(list(ends), [], [], 0.05)[0]:
                data = readable.recv(65_536)
                if not data:
                    return
                if not swallow.exists():
                    ends[readable].sendall(data)
