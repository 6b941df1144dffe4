"""Callers that send a little now and then, or too much at once."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
import pytest

from infra.http.app import application
from infra.http.listening import LARGEST_HEAD, listening
from infra.http.patience import Patient
from tests.http.door import Door


class Hasty(Patient):
    SECONDS_FOR_A_HEAD = 1.0


@pytest.fixture
def address(door: Door) -> Iterator[tuple[str, int]]:
    app = application(door.product, door.queue, seconds_for_a_body=1)
    with listening(app, port=0, protocol=Hasty) as url:
        yield "127.0.0.1", urlsplit(url).port or 0


def test_each_part_of_an_answer_is_sent_at_once(door: Door) -> None:
    """Otherwise the second waits until the caller's machine confirms the first: 40 ms."""
    set_to = []

    class Seen(Patient):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            line = transport.get_extra_info("socket")
            set_to.append(line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            super().connection_made(transport)

    with listening(application(door.product, door.queue), port=0, protocol=Seen) as url:
        assert httpx2.get(f"{url}/livez").status_code == 200
    assert [bool(value) for value in set_to] == [True]


def heard(connection: socket.socket) -> bytes:
    answer = b""
    while True:
        try:
            more = connection.recv(65_536)
        except ConnectionResetError:
            return answer
        if not more:
            return answer
        answer += more


def test_a_head_that_does_not_come_ends_the_connection(address: tuple[str, int]) -> None:
    for first in (b"", b"GET /livez HTTP/1.1\r\n"):
        with socket.create_connection(address, timeout=10) as connection:
            begun = time.monotonic()
            connection.sendall(first)
            time.sleep(0.5)
            if first:
                connection.sendall(b"X-Slow: 1\r\n")
            assert heard(connection) == b""
            assert 0.8 < time.monotonic() - begun < 5


def test_a_head_on_a_kept_connection_has_to_come_too(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(1.5)
        assert b"200 OK" in connection.recv(65_536)
        connection.sendall(b"GET /livez HTTP/1.1\r\n")
        begun = time.monotonic()
        assert heard(connection) == b""
        assert 0.5 < time.monotonic() - begun < 5


def test_a_body_that_does_not_come_is_told(door: Door, address: tuple[str, int]) -> None:
    token = door.bearer("crm_admin")["Authorization"]
    head = (
        f"POST /v1/customers HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n"
        "Idempotency-Key: k\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
    )
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(head.encode())
        answer = heard(connection)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "body_too_slow"
    assert door.recorded() == 0


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nX: " + b"x" * (LARGEST_HEAD + 1) + b"\r\n\r\n",
        b"GET /" + b"x" * (LARGEST_HEAD + 1) + b" HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
        b"GET / HTTP/9.9\r\nBad Header\r\n\r\n",
    ],
)
def test_what_is_no_request_is_told_with_the_same_care(
    address: tuple[str, int], head: bytes
) -> None:
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(head)
        answer = heard(connection).lower()
    assert answer.startswith(b"http/1.1 400 ")
    for name in (
        b"x-content-type-options: nosniff",
        b"cache-control: no-store",
        b"content-security",
    ):
        assert name in answer
    assert b"\r\nserver:" not in answer and b"xxx" not in answer
