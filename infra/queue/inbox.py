"""The inbox: commands that wait for a worker, sealed under a key that ends with an epoch.

A row is written before its message is sent and told its outcome after the command is recorded, so
a worker that dies in between finds the command processed when the message comes again. Once there
is an outcome, the sealed text is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from commands.command import Command
from domain.refusal import CommandReused
from infra.dispatch import Caller
from infra.identity.credential import Connect
from infra.request import command_type
from infra.vault.inbox_keys import InboxKeys

RECORDED = "recorded"
UNCHANGED = "unchanged"
REPEATABLE = (RECORDED, UNCHANGED)
"""Outcomes that stay; a refusal is not remembered: the same id may ask again."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A command that nobody has taken yet. `expected`: the version its caller insists on."""

    position: int
    command_id: UUID
    caller: Caller
    command: Command
    expected: int | None


class Standing(NamedTuple):
    """What became of a command so far; `outcome` is None while it waits."""

    name: str
    actor: str
    outcome: Mapping[str, Any] | None


class Inbox:
    def __init__(self, connect: Connect, keys: InboxKeys) -> None:
        self._connect = connect
        self._keys = keys

    def put(
        self, command: Command, caller: Caller, command_id: UUID, expected: int | None = None
    ) -> int:
        """Its number, once it is durable. Raises CommandReused.

        Put a second time, a waiting command keeps its number; one that was refused waits again.
        """
        name = type(command).__name__
        text = orjson.dumps({"body": command.model_dump(mode="json"), "expected": expected})
        about = _about(command_id, name, caller)
        with self._keys.held(), self._connect() as connection:
            sealed = self._keys.seal(text, about)
            row = connection.execute(
                "INSERT INTO es.inbox AS i (command_id, name, actor, role, payload)"
                " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (command_id) DO UPDATE SET"
                " name = excluded.name, role = excluded.role, payload = excluded.payload,"
                " received_at = clock_timestamp(), done_at = NULL, outcome = NULL"
                " WHERE i.done_at IS NOT NULL AND NOT i.outcome::jsonb ->> 'code' = ANY(%s)"
                " RETURNING position",
                (command_id, name, *caller, sealed, list(REPEATABLE)),
            ).fetchone()
            if row is not None:
                return int(row[0])
            known = connection.execute(
                "SELECT position, name, role, payload FROM es.inbox WHERE command_id = %s",
                (command_id,),
            ).fetchone()
            assert known is not None, "rows of the inbox are not removed"
            position, known_name, role, payload = known
            if payload:
                about = _about(command_id, known_name, Caller(caller.actor, role))
                if (known_name, self._keys.open(payload, about)) != (name, text):
                    raise CommandReused(command_id=str(command_id))
        return int(position)

    def take(self, position: int) -> Waiting | None:
        """A command by its number; None if it has its outcome."""
        with self._keys.held(), self._connect() as connection:
            row = connection.execute(
                "SELECT command_id, name, actor, role, payload FROM es.inbox"
                " WHERE position = %s AND done_at IS NULL",
                (position,),
            ).fetchone()
            if row is None:
                return None
            command_id, name, actor, role, payload = row
            caller = Caller(actor, role)
            read = orjson.loads(self._keys.open(payload, _about(command_id, name, caller)))
        command = command_type(name).model_validate(read["body"])
        return Waiting(position, command_id, caller, command, read["expected"])

    def settle(self, position: int, outcome: Mapping[str, Any]) -> None:
        with self._connect() as connection:
            connection.execute(
                "UPDATE es.inbox SET done_at = clock_timestamp(), outcome = %s, payload = ''"
                " WHERE position = %s AND done_at IS NULL",
                (orjson.dumps(outcome, default=str).decode(), position),
            )

    def standing(self, command_id: UUID) -> Standing | None:
        with self._connect() as connection:
            row = connection.execute(
                "SELECT name, actor, outcome FROM es.inbox WHERE command_id = %s", (command_id,)
            ).fetchone()
        return row and Standing(row[0], row[1], row[2] and orjson.loads(row[2]))

    def left_behind(self, seconds: float) -> Sequence[tuple[int, UUID]]:
        """Commands that have waited longer than this."""
        with self._connect() as connection:
            return connection.execute(
                "SELECT position, command_id FROM es.inbox WHERE done_at IS NULL"
                " AND received_at < clock_timestamp() - make_interval(secs => %s)"
                " ORDER BY position LIMIT 1000",
                (seconds,),
            ).fetchall()

    def renew_key(self) -> int:
        """Seals what waits under a new key and ends every other key: what the log and the backups
        still have of commands long taken opens no more. How many were sealed anew.

        Killed on the way, it is finished by the next call.
        """
        with self._keys.held(alone=True):
            self._keys.add()
            with self._connect() as connection:
                rows = connection.execute(
                    "SELECT position, command_id, name, actor, role, payload FROM es.inbox"
                    " WHERE done_at IS NULL"
                ).fetchall()
                for position, command_id, name, actor, role, payload in rows:
                    again = self._keys.again(payload, _about(command_id, name, Caller(actor, role)))
                    connection.execute(
                        "UPDATE es.inbox SET payload = %s WHERE position = %s AND done_at IS NULL",
                        (again, position),
                    )
            self._keys.end_all_but_newest()
        return len(rows)


def _about(command_id: UUID, name: str, caller: Caller) -> bytes:
    """What the sealed text is bound to, so that a row cannot be given to somebody else."""
    return b"\0".join(
        (command_id.bytes, name.encode(), caller.actor.encode(), caller.role.encode())
    )
