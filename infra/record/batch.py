"""A batch of commands on its way into the record, and what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from domain.refusal import HeaderTooLong

ABSENT = "absent"
HEADER_BYTES = 60_000
"""What the texts of a header may come to. A leaf is told by a length of two bytes where bundles of
leaves are exchanged (tlog-tiles), so header and fixed columns together stay below 64 KiB."""


class Outcome(IntEnum):
    """What `es.append_v1` answers for one command."""

    RECORDED = 0
    ALREADY_PROCESSED = 1
    VERSION_CONFLICT = 2
    GUARD_FAILED = 3
    PAYLOAD_MISMATCH = 4
    ERASED = 5
    CLOSED = 6
    FUTURE_FACT = 7


@dataclass(frozen=True, kw_only=True)
class Entry(StoredEvent):
    """One event about to be stored: the library's four fields and the header columns that the
    caller knows. `state` is the canonical body; `status` the stream's new status, if it changes."""

    event_id: UUID
    kind: str
    subject: UUID
    schema: int
    at: datetime
    at_precision: str
    policies: str = ""
    source_ref: str | None = None
    market: str | None = None
    status: str | None = None
    jurisdiction: str | None = None
    retention_class: str | None = None


class Guarded(NamedTuple):
    """A stream that must stand at `version` (None: any) in `status` (None: any; absent: new)."""

    stream: UUID
    version: int | None = None
    status: str | None = None


class KeyUse(NamedTuple):
    """A key under which values of this command are sealed, and whether it is announced here."""

    subject: UUID
    category: str
    generation: int
    announces: bool


class OutsideName(NamedTuple):
    source: str
    hmac: bytes
    subject: UUID
    token: str


class Known(NamedTuple):
    """Whom an outside id stands for; None: somebody who has been erased."""

    subject: UUID | None


class Findable(NamedTuple):
    """By which keyed hashes a person can be found from now on, in place of those of this kind;
    none: not by this kind any more. `hashes` lie one after the other. No part of the record."""

    subject: UUID
    kind: str
    market: str
    generation: int
    hashes: bytes


class Outgoing(NamedTuple):
    topic: str
    payload: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One command's events, all recorded or none. `fingerprint` None: not to be remembered (an
    importer is idempotent by source row instead). Raises HeaderTooLong."""

    command_id: UUID
    fingerprint: bytes | None
    actor: str
    role: str
    purpose: str
    correlation: UUID
    entries: Sequence[Entry]
    guards: Sequence[Guarded] = ()
    keys: Sequence[KeyUse] = ()
    outside: Sequence[OutsideName] = ()
    outbox: Sequence[Outgoing] = ()
    findable: Sequence[Findable] = ()
    on_behalf_of: str | None = None
    legal_basis: str | None = None
    consent_id: UUID | None = None
    reason: str | None = None
    causation: UUID | None = None
    touched: frozenset[UUID] = field(init=False)
    written: frozenset[UUID] = field(init=False)

    def __post_init__(self) -> None:
        written = frozenset(e.originator_id for e in self.entries)
        object.__setattr__(self, "written", written)
        object.__setattr__(self, "touched", written | {g.stream for g in self.guards})
        for entry in self.entries:
            if (size := self._header_bytes(entry)) > HEADER_BYTES:
                raise HeaderTooLong(size=size, most=HEADER_BYTES)

    def _header_bytes(self, entry: Entry) -> int:
        """UTF-8 takes at most four bytes a character; counted exactly only where that matters."""
        texts = (
            self.actor, self.role, self.purpose, self.on_behalf_of or "", self.legal_basis or "",
            self.reason or "", entry.kind, entry.topic, entry.at_precision, entry.policies,
            entry.source_ref or "", entry.market or "",
        )  # fmt: skip
        most = 4 * sum(map(len, texts))
        return most if most <= HEADER_BYTES else sum(len(text.encode()) for text in texts)


class Answer(NamedTuple):
    """The outcome of one command. `positions` of a recorded or already processed one, in the
    order of its events; otherwise the stream that stood in the way, its version and status."""

    outcome: Outcome
    positions: Sequence[int]
    stream: UUID | None
    actual: int | None
    status: str | None
    recorded_at: datetime


def segment_of(subject: UUID) -> int:
    """0..15, the same in every process and every release: sha256(subject)[0] & 15."""
    return sha256(subject.bytes).digest()[0] & 15


def split_compatible(queue: Iterable[Submission], limit: int) -> tuple[list[int], list[int]]:
    """Which commands of a queue may share a batch, and which wait: no command id twice, no stream
    that one of two commands writes. Indexes, in order."""
    taken: list[int] = []
    waiting: list[int] = []
    ids: set[UUID] = set()
    written: set[UUID] = set()
    touched: set[UUID] = set()
    for index, submission in enumerate(queue):
        clash = (
            len(taken) == limit
            or submission.command_id in ids
            or not written.isdisjoint(submission.touched)
            or not touched.isdisjoint(submission.written)
        )
        ids.add(submission.command_id)
        written |= submission.written
        touched |= submission.touched
        (waiting if clash else taken).append(index)
    return taken, waiting
