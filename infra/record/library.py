"""What the library sees of us: entries it can save, events it can load, errors it knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    JSONTranscoder,
    Mapper,
    StoredEvent,
)

from domain.event import Event, Header, Recorded
from infra.record.batch import Answer, Entry, Outcome, Submission
from infra.record.registry import Registry


@dataclass(frozen=True)
class Kept(StoredEvent):
    """A stored event with all its header columns."""

    header: Header

    @classmethod
    def of(cls, r: Recorded[Event]) -> Kept:
        h = r.header
        return cls(h.stream, h.version, h.type, r.body or b"", h)


@dataclass(frozen=True)
class Proposed:
    """An event offered to `Application.save`, with what its header needs from the caller."""

    originator_id: UUID
    originator_version: int
    event_id: UUID
    kind: str
    subject: UUID
    event: Event


class Entered(Recorded[Event]):
    """A recorded event, answering to the names the library uses."""

    __slots__ = ()

    @property
    def originator_id(self) -> UUID:
        return self.header.stream

    @property
    def originator_version(self) -> int:
        return self.header.version


class EventMapper(Mapper[UUID]):
    """Between our events and stored bytes: canonical JSON under a registered name."""

    def __init__(self, known: Registry) -> None:
        super().__init__(JSONTranscoder())
        self._registry = known

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        proposed = cast(Proposed, domain_event)
        event = proposed.event
        return Entry(
            originator_id=proposed.originator_id,
            originator_version=proposed.originator_version,
            topic=type(event).__name__,
            state=self._registry.encode(event),
            event_id=proposed.event_id,
            kind=proposed.kind,
            subject=proposed.subject,
            schema=event.SCHEMA,
            at=event.at,
            at_precision=event.at_precision,
        )

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        kept = cast(Kept, stored_event)
        return cast(
            "DomainEventProtocol[UUID]", Entered(kept.header, kept.state, self._registry.decode)
        )


class Ledger(Application[UUID]):
    """The library's application over one of our records."""

    def __init__(self, recorder: ApplicationRecorder, known: Registry) -> None:
        self._given = recorder
        self._known = known
        super().__init__()

    def construct_recorder(self) -> ApplicationRecorder:
        return self._given

    def construct_mapper(self) -> Mapper[UUID]:
        return EventMapper(self._known)


def one_submission(stored_events: Sequence[StoredEvent], **kwargs: Any) -> Submission:
    """The events of one `save`, with the provenance it was given (actor, role, purpose,
    command_id, correlation, guards, keys ...). The library's `tracking` is not used."""
    kwargs.pop("tracking", None)
    entries = cast(Sequence[Entry], stored_events)
    command_id = kwargs.pop("command_id", None) or uuid5(entries[0].event_id, "save")
    return Submission(
        command_id=command_id,
        fingerprint=kwargs.pop("fingerprint", None),
        correlation=kwargs.pop("correlation", command_id),
        entries=entries,
        **kwargs,
    )


def answer_of(answer: Answer) -> Sequence[int]:
    """Positions, or the library's own error for a stream that moved on."""
    if answer.outcome in (Outcome.RECORDED, Outcome.ALREADY_PROCESSED):
        return answer.positions
    raise IntegrityError(
        f"{answer.outcome.name.lower()}: stream {answer.stream} stands at {answer.actual}"
    )
