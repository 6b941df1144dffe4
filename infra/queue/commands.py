"""The queue of commands on Valkey: what is sent, and what a worker does with it.

A message is the number of a row in the inbox and the command's id, nothing else. It may come twice,
or again after a worker died; the command id makes that one effect.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import dramatiq
import structlog
from dramatiq.broker import MessageProxy
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Middleware, Retries, ShutdownNotifications

from commands.command import Command
from domain.refusal import Conflict, Refused
from infra.dispatch import Caller, Dispatcher, RoleNotAllowed
from infra.queue.inbox import RECORDED, UNCHANGED, Inbox

QUEUE = "commands"
NAMESPACE = "{dossier}"
HEARTBEAT = 5_000
"""Milliseconds without a sign of life after which a worker's messages go to another."""
LEFT_BEHIND = 60.0
log = structlog.get_logger()


class CommandQueue:
    """Both ends. Nothing is connected before it is used."""

    def __init__(self, redis_url: str, inbox: Inbox, dispatcher: Dispatcher) -> None:
        self.inbox = inbox
        self._dispatcher = dispatcher
        self.broker = RedisBroker(  # type: ignore[no-untyped-call]
            url=redis_url,
            namespace=NAMESPACE,
            heartbeat_timeout=HEARTBEAT,
            maintenance_chance=100_000,
            middleware=[
                ShutdownNotifications(),
                Retries(max_retries=12, min_backoff=250, max_backoff=60_000),
                GivenUp(inbox),
            ],
            socket_connect_timeout=2,
        )
        declare = dramatiq.actor(actor_name="take_command", queue_name=QUEUE, broker=self.broker)
        self._actor = declare(self.take)

    def send(
        self, command: Command, caller: Caller, command_id: UUID, expected: int | None = None
    ) -> int:
        """Accepts a command to be handled soon; its number in the inbox.

        Raises RoleNotAllowed, CommandReused; redis.ConnectionError, after which the same command
        may be sent again, and is sent by a worker if it is not.
        """
        if caller.role not in command.ROLES:
            raise RoleNotAllowed(role=caller.role, command=type(command).__name__)
        position = self.inbox.put(command, caller, command_id, expected)
        self._actor.send(position, str(command_id))
        return position

    def take(self, position: int, command_id: str) -> None:
        """What a worker does with a message. Faults rise, and the message comes again later."""
        waiting = self.inbox.take(position)
        if waiting is None:
            return
        assert str(waiting.command_id) == command_id
        try:
            result = self._dispatcher.dispatch(
                waiting.command, waiting.caller, waiting.command_id, expected=waiting.expected
            )
        except Refused as refusal:
            if isinstance(refusal, Conflict) and waiting.expected is None:
                raise
            self.inbox.settle(position, refused(refusal))
        else:
            code = UNCHANGED if result.position is None else RECORDED
            self.inbox.settle(position, {"code": code})

    def send_left_behind(self, seconds: float = LEFT_BEHIND) -> int:
        """Sends again what was accepted and never came through, once Valkey holds nothing."""
        waiting = [f"{NAMESPACE}:{QUEUE}{part}.msgs" for part in ("", ".DQ")]
        if any(self.broker.client.hlen(key) for key in waiting):
            return 0
        rows = self.inbox.left_behind(seconds)
        for position, command_id in rows:
            self._actor.send(position, str(command_id))
        return len(rows)

    def close(self) -> None:
        self.broker.close()
        self.broker.client.close()


class GivenUp(Middleware):
    """Notes a command whose message failed too often."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def after_nack(self, broker: dramatiq.Broker, message: MessageProxy) -> None:
        position = int(message.args[0])
        log.error("command.given_up", position=position)
        self._inbox.settle(position, {"code": "internal_error"})


def refused(refusal: Refused) -> dict[str, Any]:
    """A refusal as the inbox keeps it: code, clause, ids."""
    return {
        "code": refusal.code,
        "clause": refusal.clause,
        "parameters": dict(refusal.parameters),
    }
