"""A connection as uvicorn serves it, with an end to how long the head of a request may take.

Without it, whoever sends one byte now and then keeps a connection for good. And where an answer is
sent before a body is through, what still comes is thrown away for a while before the connection is
closed: closed at once, the answer would be lost on the way (RFC 9112, 9.6).
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from infra.http.hygiene import Hygiene


class Patient(H11Protocol):
    SECONDS_FOR_A_HEAD: ClassVar[float] = 15.0
    SECONDS_TO_LINGER: ClassVar[float] = 2.0

    lingers = False

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        lingering = _Lingering(transport, self)
        super().connection_made(lingering)  # type: ignore[arg-type]
        self._wait()

    def data_received(self, data: bytes) -> None:
        if self.lingers:
            return
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._wait()
        else:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP, or has too large a head, reaches no application."""
        told = {"type": "about:blank", "title": "Bad request", "status": 400, "detail": msg}
        headers: list[tuple[bytes, bytes]] = [
            (b"content-type", b"application/problem+json"),
            (b"connection", b"close"),
        ]
        Hygiene().complete(headers, {})
        events: tuple[Any, ...] = (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=json.dumps(told).encode()),
            h11.EndOfMessage(),
        )
        for event in events:
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _wait(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(self.SECONDS_FOR_A_HEAD, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if not self.transport.is_closing():
            self.transport.close()


class _Lingering:
    """The connection's transport; closing it while a body is still coming takes a moment."""

    def __init__(self, transport: asyncio.Transport, protocol: Patient) -> None:
        self._transport = transport
        self._protocol = protocol

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        return self._protocol.lingers or self._transport.is_closing()

    def close(self) -> None:
        protocol, transport = self._protocol, self._transport
        if protocol.lingers or transport.is_closing():
            return
        if protocol.conn.their_state is h11.SEND_BODY and transport.can_write_eof():
            protocol.lingers = True
            transport.write_eof()
            transport.resume_reading()
            protocol.loop.call_later(protocol.SECONDS_TO_LINGER, transport.close)
        else:
            transport.close()
