"""The record as a handler sees it: histories, and whom an outside system's id stands for."""

from __future__ import annotations

from uuid import UUID

from commands.command import History
from domain.refusal import CustomerErased
from infra.record.memory import MemoryRecord
from infra.record.postgres import PostgresRecord
from infra.vault.kek import InstallationKey


class RecordView:
    """Answers `commands.command.Record` over either store."""

    def __init__(self, store: MemoryRecord | PostgresRecord, installation: InstallationKey) -> None:
        self._store = store
        self._installation = installation

    def history(self, stream: UUID) -> History | None:
        row = self._store.stream_row(stream)
        if row is None:
            return None
        events = self._store.read_stream(stream)
        last = events[-1].header
        return History(
            kind=last.kind,
            stream=stream,
            subject=last.subject,
            version=last.version,
            status=row[1],
            market=last.market,
            events=events,
        )

    def outside_name(self, source: str, external_id: str) -> bytes:
        """The keyed hash an outside system's name for somebody is looked up by."""
        return self._installation.outside_name(source, external_id)

    def external(self, source: str, external_id: str) -> UUID | None:
        key = (source, self.outside_name(source, external_id))
        found = self._store.outside_name(*key)
        if found is None:
            return None
        if found.subject is None:
            raise CustomerErased(customer=None)
        return found.subject
