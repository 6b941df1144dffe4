"""The consents: what each customer agreed to, by which notice, until when (CB-15.2a).

For lists and reports. Whether a use is allowed now is asked of the record (`infra/gate/
consents.py`), which is never behind. `state` is what has been recorded: a consent that has run out
is `given` until that is noted, so questions look at `expires_at` as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

from domain.customer.events import ConsentExpired, ConsentGranted, ConsentWithdrawn
from projections.projection import Entry, Projection, Rows
from projections.table import Key, Table

ConsentChange = ConsentGranted | ConsentWithdrawn | ConsentExpired
GIVEN, REPLACED, WITHDRAWN, EXPIRED = "given", "replaced", "withdrawn", "expired"


@dataclass(slots=True)
class ConsentRow:
    consent_id: UUID
    customer: UUID
    market: str | None
    purpose: str
    scope: str
    form: str
    channel: str
    notice_version: str
    language: str
    granted_at: datetime
    recorded_at: datetime
    expires_at: datetime | None
    categories: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    state: str = GIVEN
    ended_at: datetime | None = None
    end_recorded_at: datetime | None = None


def fold(rows: Rows[ConsentRow], entry: Entry) -> None:
    header, event = entry.header, cast("ConsentChange", entry.event)
    recorded_at = entry.origin.recorded_at
    match event:
        case ConsentGranted():
            if event.replaces is not None:
                _end(rows[event.replaces], REPLACED, event.at, recorded_at)
            rows[event.consent] = ConsentRow(
                consent_id=event.consent,
                customer=header.subject,
                market=entry.origin.market,
                purpose=event.purpose,
                scope=event.scope,
                form=event.form,
                channel=event.channel,
                notice_version=event.notice_version,
                language=event.notice_language,
                granted_at=event.at,
                recorded_at=recorded_at,
                expires_at=event.expires_at,
                categories=list(event.categories),
                recipients=list(event.recipients),
            )
        case ConsentWithdrawn():
            _end(rows[event.consent], WITHDRAWN, event.at, recorded_at)
        case ConsentExpired():
            _end(rows[event.consent], EXPIRED, event.at, recorded_at)


def keys(entry: Entry) -> Iterable[Key]:
    event = cast("ConsentChange", entry.event)
    if isinstance(event, ConsentGranted) and event.replaces is not None:
        return (event.consent, event.replaces)
    return (event.consent,)


def _end(row: ConsentRow, state: str, at: datetime, recorded_at: datetime) -> None:
    """The earliest end counts; what had run out before is not withdrawn but expired."""
    if row.expires_at is not None and row.expires_at <= at:
        state, at = EXPIRED, row.expires_at
    if row.ended_at is None or at < row.ended_at:
        row.state, row.ended_at, row.end_recorded_at = state, at, recorded_at


CONSENTS = Projection(
    name="consents",
    version=1,
    table=Table(
        name="consents",
        says="One row per consent: what was agreed to, by which notice, until when",
        row=ConsentRow,
        key=("consent_id",),
        indexes=("(customer)", "(purpose, scope, state)", "(expires_at) WHERE state = 'given'"),
    ),
    on=(ConsentGranted, ConsentWithdrawn, ConsentExpired),
    keys=keys,
    fold=fold,
    parks_by="subject",
    shows=("recorded_at", "market"),
)
