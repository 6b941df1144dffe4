"""The end of an epoch, in the record: what is under it, in every old backup, is unreadable now."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from domain.keys import KEYRING, KekEpochDestroyed
from infra.record.batch import Entry, Outcome, Submission
from infra.record.postgres import PostgresRecord
from infra.vault.epochs import Epochs


def destroy_epoch(
    record: PostgresRecord, epochs: Epochs, epoch: int, *, actor: str, at: datetime
) -> int:
    """Destroys it and records KekEpochDestroyed, once; the position of that event.

    Raises what `Epochs.destroy` raises. Killed on the way, it is finished by the next call.
    """
    current = epochs.destroy(epoch)
    while True:
        history = record.read_stream(KEYRING)
        for recorded in history:
            said = recorded.event
            if isinstance(said, KekEpochDestroyed) and said.epoch == epoch:
                return recorded.header.position
        event = KekEpochDestroyed(epoch=epoch, succeeded_by=current, at=at)
        submission = _submission(record, event, len(history) + 1, actor)
        (answer,) = record.append([submission])
        if answer.outcome is Outcome.RECORDED:
            return answer.positions[0]


def _submission(
    record: PostgresRecord, event: KekEpochDestroyed, version: int, actor: str
) -> Submission:
    identity: UUID = uuid5(KEYRING, f"epoch {event.epoch} destroyed")
    return Submission(
        command_id=identity,
        fingerprint=None,
        actor=actor,
        role="system",
        purpose="dpv:RightsFulfilment",
        correlation=identity,
        entries=[
            Entry(
                originator_id=KEYRING,
                originator_version=version,
                topic=type(event).__name__,
                state=record.registry.encode(event),
                event_id=uuid5(identity, "event"),
                kind="keyring",
                subject=KEYRING,
                schema=event.SCHEMA,
                at=event.at,
                at_precision=event.at_precision.value,
            )
        ],
    )
