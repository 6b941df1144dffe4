"""The product as commands of the command line open it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import typer
from psycopg import Connection

from infra import log
from infra.home import Home
from infra.product import Product, product


@contextmanager
def opened() -> Iterator[Product]:
    home = Home.at()
    log.configure(home.log / "dossier.log")
    with product(home) as running:
        yield running


@contextmanager
def reading() -> Iterator[Connection[tuple[Any, ...]]]:
    """A connection with a reader's rights."""
    with opened() as running, psycopg.connect(running.addresses.database_url) as connection:
        connection.execute("SET ROLE dossier_reader")
        yield connection


def stop_signal() -> threading.Event:
    """Set by Ctrl-C and SIGTERM, so that servers are stopped in order and the exit code is 0."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def moment(text: str | None) -> datetime | None:
    """ISO 8601; a date is its midnight and a missing zone is UTC."""
    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date or time (ISO 8601)") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def identifier(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no id") from None
