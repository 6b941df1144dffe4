"""The record in memory: the same answers as PostgreSQL, for tests that need no server.

Subclasses the library's in-memory recorder. Guards, command ids, keys, fence and chain are those
of `es.append_v1`; one contract suite runs over both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from eventsourcing.popo import POPOApplicationRecorder

from domain.event import Event, Header, Recorded
from infra.record.batch import (
    ABSENT,
    Answer,
    Entry,
    KeyUse,
    Known,
    Outcome,
    OutsideName,
    Submission,
    segment_of,
)
from infra.record.chain import ZERO, body_hash, leaf_hash
from infra.record.library import Kept, answer_of, one_submission
from infra.record.registry import Registry, registry

AHEAD = timedelta(minutes=5)
RULES = frozenset({"policy", "calendar", "service_calendars"})
"""Kinds of streams that decisions rest on."""


@dataclass
class _Stream:
    version: int
    status: str
    head: bytes


class CommonStream(Exception):
    """Two commands of one batch touch a stream that one of them writes."""


class MemoryRecord(POPOApplicationRecorder):
    def __init__(
        self,
        *,
        known: Registry | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__()
        self.registry = known or registry()
        self._clock = clock
        self._streams: dict[UUID, _Stream] = {}
        self._commands: dict[UUID, tuple[bytes, list[int]]] = {}
        self._rules_changed = 0
        self.outbox: list[tuple[UUID, int, str, str]] = []
        self.active_keys: dict[tuple[UUID, str, int], bool] = {}
        self.outside: dict[tuple[str, bytes], OutsideName | None] = {}

    def close(self) -> None:
        """Nothing to give back."""

    def append(self, batch: Sequence[Submission]) -> list[Answer]:
        written: set[UUID] = set()
        touched: set[UUID] = set()
        for submission in batch:
            if written & submission.touched or touched & submission.written:
                raise CommonStream
            written |= submission.written
            touched |= submission.touched
        with self._database_lock:
            answers = [self._one(submission) for submission in batch]
        self._notify_listeners()
        return answers

    def _one(self, s: Submission) -> Answer:
        now = self._clock()
        known = self._commands.get(s.command_id)
        if known is not None:
            same = compare_digest(known[0], s.fingerprint or b"")
            return Answer(
                Outcome.ALREADY_PROCESSED if same else Outcome.PAYLOAD_MISMATCH,
                known[1] if same else [],
                None,
                None,
                None,
                now,
            )
        refusal = self._refusal(s, now)
        if refusal is not None:
            outcome, stream = refusal
            version, status = self._at(stream) if stream else (None, None)
            return Answer(outcome, [], stream, version, status, now)
        for use in s.keys:
            if use.announces:
                self.active_keys[use[:3]] = True
        for name in s.outside:
            self.outside[name.source, name.hmac] = name
        positions = [self._store(s, entry, now) for entry in s.entries]
        for message in s.outbox:
            self.outbox.append((s.command_id, positions[-1], message.topic, message.payload))
        if s.fingerprint is not None:
            self._commands[s.command_id] = (s.fingerprint, positions)
        return Answer(Outcome.RECORDED, positions, None, None, None, now)

    def _at(self, stream: UUID) -> tuple[int, str]:
        row = self._streams.get(stream)
        return (0, ABSENT) if row is None else (row.version, row.status)

    def _refusal(self, s: Submission, now: datetime) -> tuple[Outcome, UUID | None] | None:
        for guard in s.guards:
            version, status = self._at(guard.stream)
            if guard.status not in (None, status) or guard.version not in (None, version):
                fenced = status == "fenced"
                return (Outcome.ERASED if fenced else Outcome.GUARD_FAILED), guard.stream
        versions: dict[UUID, int] = {}
        for entry in s.entries:
            stream = UUID(str(entry.originator_id))
            version, status = self._at(stream)
            version = versions.get(stream, version)
            if status == "fenced":
                return Outcome.ERASED, stream
            if entry.originator_version != version + 1:
                return Outcome.VERSION_CONFLICT, stream
            if status in ("closed", "archived"):
                return Outcome.CLOSED, stream
            if entry.at > now + AHEAD:
                return Outcome.FUTURE_FACT, stream
            versions[stream] = version + 1
        return self._key_refusal(s.keys) or self._outside_refusal(s.outside)

    def _key_refusal(self, uses: Sequence[KeyUse]) -> tuple[Outcome, None] | None:
        for use in uses:
            announced = self.active_keys.get(use[:3])
            if announced is None:
                return Outcome.ERASED, None
            if announced == use.announces:
                return Outcome.VERSION_CONFLICT, None
        return None

    def _outside_refusal(self, names: Sequence[OutsideName]) -> tuple[Outcome, None] | None:
        for name in names:
            key = (name.source, name.hmac)
            if key in self.outside:
                erased = self.outside[key] is None
                return (Outcome.ERASED if erased else Outcome.VERSION_CONFLICT), None
        return None

    def _store(self, s: Submission, entry: Entry, now: datetime) -> int:
        stream = UUID(str(entry.originator_id))
        row = self._streams.setdefault(stream, _Stream(0, "open", ZERO))
        position = len(self._stored_events) + 1
        header = Header(
            position=position,
            event_id=entry.event_id,
            stream=stream,
            kind=entry.kind,
            version=entry.originator_version,
            type=entry.topic,
            schema=entry.schema,
            subject=entry.subject,
            segment=segment_of(entry.subject),
            at=entry.at,
            at_precision=entry.at_precision,
            recorded_at=now,
            actor=s.actor,
            role=s.role,
            on_behalf_of=s.on_behalf_of,
            purpose=s.purpose,
            legal_basis=s.legal_basis,
            consent_id=s.consent_id,
            reason=s.reason,
            policies=entry.policies,
            correlation=s.correlation,
            causation=s.causation,
            command_id=s.command_id,
            source_ref=entry.source_ref,
            market=entry.market,
            prev_hash=row.head,
            body_hash=body_hash(entry.state),
            hash=b"",
        )
        header = header._replace(hash=leaf_hash(header))
        row.version, row.head = entry.originator_version, header.hash
        row.status = entry.status or row.status
        kept = Kept(stream, entry.originator_version, entry.topic, entry.state, header)
        self._update_table([kept])
        if entry.kind in RULES:
            self._rules_changed += 1
        return position

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        if not stored_events:
            return []
        (answer,) = self.append([one_submission(stored_events, **kwargs)])
        return answer_of(answer)

    def recorded(self, kept: StoredEvent) -> Recorded[Event]:
        assert isinstance(kept, Kept)
        return Recorded(kept.header, kept.state, self.registry.decode)

    def read_stream(self, stream: UUID) -> list[Recorded[Event]]:
        return [self.recorded(kept) for kept in self.select_events(stream)]

    def read_positions(self, positions: Sequence[int]) -> list[Recorded[Event]]:
        return [self.recorded(self._stored_events[p - 1]) for p in sorted(positions)]

    def read_after(self, position: int, limit: int) -> list[Recorded[Event]]:
        return [self.recorded(k) for k in self._stored_events[position : position + limit]]

    def outside_name(self, source: str, hmac: bytes) -> Known | None:
        if (source, hmac) not in self.outside:
            return None
        name = self.outside[source, hmac]
        return Known(name and name.subject)

    def processed(self, command_id: UUID) -> tuple[bytes, list[int]] | None:
        return self._commands.get(command_id)

    def before_deciding(self, command_id: UUID) -> tuple[int, tuple[bytes, list[int]] | None]:
        return self.rules_changed(), self.processed(command_id)

    def rules_changed(self) -> int:
        return self._rules_changed

    def read_kind(self, kind: str) -> list[Recorded[Event]]:
        mine = [r for r in map(self.recorded, self._stored_events) if r.header.kind == kind]
        return sorted(mine, key=lambda r: r.header.stream) if kind in RULES else []

    def stream_row(self, stream: UUID) -> tuple[int, str] | None:
        row = self._streams.get(stream)
        return None if row is None else (row.version, row.status)
