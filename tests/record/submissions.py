"""Commands to be appended, made of an event that is as good as any other to the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from domain.event import Event
from domain.keys import SubjectKeyCreated
from domain.personal import Category
from infra.record.batch import Entry, Guarded, Submission
from infra.record.registry import registry

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def happening(minute: int = 0, generation: int = 1) -> Event:
    """An event with no personal data, as good as any other to the record."""
    return SubjectKeyCreated(
        category=Category.CONTENT,
        generation=generation,
        commitment=f"{minute:064x}",
        at=NOON + timedelta(minutes=minute),
    )


def entries(
    stream: UUID, count: int = 1, *, after: int = 0, subject: UUID | None = None, **header: object
) -> list[Entry]:
    made = []
    for number in range(after + 1, after + count + 1):
        event = happening(number)
        values = {
            "at": event.at,
            "at_precision": event.at_precision.value,
            "kind": "ticket",
            "subject": subject or stream,
            **header,
        }
        made.append(
            Entry(
                originator_id=stream,
                originator_version=number,
                topic="SubjectKeyCreated",
                state=registry().encode(event),
                event_id=uuid7(),
                schema=1,
                **values,  # type: ignore[arg-type]
            )
        )
    return made


def submission(
    *written: Sequence[Entry],
    guards: Sequence[Guarded] = (),
    command_id: UUID | None = None,
    fingerprint: bytes | None = b"\x01" * 32,
    **more: object,
) -> Submission:
    return Submission(
        command_id=command_id or uuid4(),
        fingerprint=fingerprint,
        actor="staff:7",
        role="agent",
        purpose="dpv:CustomerCare",
        correlation=uuid4(),
        entries=[entry for some in written for entry in some],
        guards=guards,
        **more,  # type: ignore[arg-type]
    )
