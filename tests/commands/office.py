"""An office: the door for commands over the record in memory, and a clock the test sets."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

from commands.command import Command
from domain.event import Event
from domain.timers import Rulebook
from infra.dispatch import Caller, Dispatcher, Result
from infra.policies import shipped_rulebook
from infra.record.memory import MemoryRecord
from infra.vault.kek import InstallationKey
from infra.vault.memory_keyring import MemoryKeyring

E = TypeVar("E", bound=Event)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Office:
    """Without `rules`, only the tier schemes that ship are in force: no timers among the facts."""

    def __init__(self, rules: Rulebook | None = None) -> None:
        self.now = NOON
        self.record = MemoryRecord(clock=lambda: self.now)
        self.keyring = MemoryKeyring(self.record.active_keys, self.record.outside)
        ids, self._asked = count(1), count(1)
        self.dispatcher = Dispatcher(
            self.record,
            self.keyring,
            InstallationKey(bytes(32)),
            rules or Rulebook(tiers=shipped_rulebook().tiers),
            clock=lambda: self.now,
            new_id=lambda: UUID(int=next(ids)),
        )

    def ask(
        self,
        command: Command,
        *,
        role: str = "crm_admin",
        actor: str = "ann",
        key: int | None = None,
        expected: int | None = None,
    ) -> Result:
        """Sends a command, under a key of its own unless one is given."""
        command_id = UUID(int=key or 2**64 + next(self._asked))
        return self.dispatcher.dispatch(command, Caller(actor, role), command_id, expected=expected)

    def on_record(self, stream: UUID, kind: type[E]) -> list[E]:
        """The events of one kind in a stream, as loaded."""
        return [r.event for r in self.record.read_stream(stream) if isinstance(r.event, kind)]

    def types(self, stream: UUID) -> list[str]:
        return [r.header.type for r in self.record.read_stream(stream)]

    def header(self, stream: UUID, kind: str) -> Any:
        """The header of the latest event of this type."""
        return [r.header for r in self.record.read_stream(stream) if r.header.type == kind][-1]
