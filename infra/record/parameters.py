"""A batch as `es.append_v1` takes it: one array per column, packed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from infra.record.batch import Submission, segment_of
from infra.record.packed import (
    Bigints,
    Booleans,
    Bytes,
    Ints,
    Smallints,
    Texts,
    Times,
    Uuids,
)

PARAMETERS = 48


def packed(batch: Sequence[Submission]) -> list[Any]:
    """The 48 parameters of `es.append_v1`, in its order."""
    entries = [e for s in batch for e in s.entries]
    guards = [g for s in batch for g in s.guards]
    keys = [k for s in batch for k in s.keys]
    outside = [x for s in batch for x in s.outside]
    outbox = [o for s in batch for o in s.outbox]
    first = {e.originator_id: e for e in reversed(entries)}
    streams = sorted({*first, *(g.stream for g in guards)})
    index = {stream: n for n, stream in enumerate(streams, 1)}
    heads = [first.get(stream) for stream in streams]
    return [
        Uuids([s.command_id for s in batch]),
        Bytes([s.fingerprint for s in batch]),
        Texts([s.actor for s in batch]),
        Texts([s.role for s in batch]),
        Texts([s.on_behalf_of for s in batch]),
        Texts([s.purpose for s in batch]),
        Texts([s.legal_basis for s in batch]),
        Uuids([s.consent_id for s in batch]),
        Texts([s.reason for s in batch]),
        Uuids([s.correlation for s in batch]),
        Uuids([s.causation for s in batch]),
        *(
            Ints(_ordinals([len(part) for part in parts]))
            for parts in (
                [s.entries for s in batch],
                [s.guards for s in batch],
                [s.keys for s in batch],
                [s.outside for s in batch],
                [s.outbox for s in batch],
            )
        ),
        Uuids(streams),
        Texts([e and e.kind for e in heads]),
        Uuids([e and e.subject for e in heads]),
        Smallints([e and segment_of(e.subject) for e in heads]),
        Texts([e and e.jurisdiction for e in heads]),
        Texts([e and e.retention_class for e in heads]),
        Ints([index[UUID(str(e.originator_id))] for e in entries]),
        Bigints([e.originator_version for e in entries]),
        Uuids([e.event_id for e in entries]),
        Texts([e.topic for e in entries]),
        Smallints([e.schema for e in entries]),
        Times([e.at for e in entries]),
        Texts([e.at_precision for e in entries]),
        Texts([e.policies for e in entries]),
        Texts([e.source_ref for e in entries]),
        Texts([e.market for e in entries]),
        Bytes([e.state for e in entries]),
        Texts([e.status for e in entries]),
        Ints([index[g.stream] for g in guards]),
        Bigints([g.version for g in guards]),
        Texts([g.status for g in guards]),
        Uuids([k.subject for k in keys]),
        Texts([k.category for k in keys]),
        Ints([k.generation for k in keys]),
        Booleans([k.announces for k in keys]),
        Texts([x.source for x in outside]),
        Bytes([x.hmac for x in outside]),
        Uuids([x.subject for x in outside]),
        Texts([x.token for x in outside]),
        Texts([o.topic for o in outbox]),
        Texts([o.payload for o in outbox]),
        Times([o.due_at for o in outbox]),
    ]


def _ordinals(lengths: Sequence[int]) -> list[int]:
    total, ends = 0, []
    for length in lengths:
        total += length
        ends.append(total)
    return ends
