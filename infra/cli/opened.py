"""The product as commands of the command line open it, and the words they are given."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection

from infra import log
from infra.cli.problem import wrong
from infra.home import Home
from infra.identity.authentication import authenticated
from infra.identity.credential import Credential
from infra.identity.installation import admin_token
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
    with opened() as running, reader(running) as connection:
        yield connection


@contextmanager
def reader(running: Product) -> Iterator[Connection[tuple[Any, ...]]]:
    with psycopg.connect(running.addresses.database_url) as connection:
        connection.execute("SET ROLE dossier_reader")
        yield connection


def administrator(running: Product) -> Credential:
    """Who whoever may read this data folder's token is. Raises Unauthenticated."""
    connect = running.record.connection
    token = admin_token(running.home, connect).read_text("ascii").strip()
    return authenticated(connect, token)


def stop_signal() -> threading.Event:
    """Set by Ctrl-C and SIGTERM, so that servers are stopped in order and the exit code is 0."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def moment(name: str, text: str | None) -> datetime | None:
    """ISO 8601; a date is its midnight and a missing zone is UTC. Raises InvalidRequest."""
    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong(name, "datetime_parsing") from None


def day(name: str, text: str) -> date:
    """Raises InvalidRequest."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise wrong(name, "date_parsing") from None


def identifier(name: str, text: str) -> UUID:
    """Raises InvalidRequest."""
    try:
        return UUID(text)
    except ValueError:
        raise wrong(name, "uuid_parsing") from None
