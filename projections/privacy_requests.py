"""Requests to erase data or to stop using them: how far each is, and what is kept until when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never, cast, get_args
from uuid import UUID

from domain.privacy.events import (
    BackupCopiesGone,
    CopiesPurged,
    DestructionBegun,
    Disposition,
    ErasureCertified,
    PrivacyRequestExecuted,
    PrivacyRequestFulfilled,
    PrivacyRequestReceived,
    PrivacyRequestRefused,
    ProcessingRestricted,
    RecipientsTold,
    RequesterIdentified,
    ResidueScanned,
    RetentionEvaluated,
)
from projections.projection import Entry, Projection, Rows
from projections.table import Key, Table

RequestEvent = (
    PrivacyRequestReceived
    | RequesterIdentified
    | PrivacyRequestRefused
    | RetentionEvaluated
    | ProcessingRestricted
    | DestructionBegun
    | PrivacyRequestExecuted
    | CopiesPurged
    | RecipientsTold
    | ResidueScanned
    | ErasureCertified
    | PrivacyRequestFulfilled
    | BackupCopiesGone
)


@dataclass(slots=True)
class RequestRow:
    request: UUID
    customer: UUID
    kind: str
    market: str | None
    state: str
    opened_at: datetime
    received_by: str
    identified_by: str | None = None
    identified_at: datetime | None = None
    executed_at: datetime | None = None
    certified_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    kept: dict[str, str] = field(default_factory=dict)


def fold(rows: Rows[RequestRow], entry: Entry) -> None:
    event = cast("RequestEvent", entry.event)
    if isinstance(event, PrivacyRequestReceived):
        rows[event.request] = RequestRow(
            request=event.request,
            customer=entry.header.subject,
            kind=event.request_type.value,
            market=entry.origin.market,
            state="received",
            opened_at=event.at,
            received_by=event.received_by,
        )
        return
    row = rows[event.request]
    match event:
        case RequesterIdentified():
            row.state, row.identified_at = "identified", event.at
            row.identified_by = event.identified_by
        case PrivacyRequestRefused():
            row.state = "refused"
        case RetentionEvaluated():
            row.state = "evaluated"
            row.kept = {
                ruling.category.value: f"{ruling.basis} {ruling.until or ''}".strip()
                for ruling in event.rulings
                if ruling.disposition is not Disposition.DESTROY
            }
        case ProcessingRestricted():
            row.state = "restricted"
        case DestructionBegun():
            row.state = "begun"
        case PrivacyRequestExecuted():
            row.state = "refused" if row.state == "refused" else "executed"
            row.executed_at = row.executed_at or event.at
        case CopiesPurged():
            row.state = "purged"
        case RecipientsTold():
            row.state = "told"
        case ResidueScanned():
            row.state = "scanned"
        case ErasureCertified():
            row.state, row.certified_at = "certified", event.at
        case PrivacyRequestFulfilled():
            row.answered_at = event.at
        case BackupCopiesGone():
            row.state, row.closed_at = "closed", event.at
        case _:
            assert_never(event)


def keys(entry: Entry) -> tuple[Key, ...]:
    return (cast("RequestEvent", entry.event).request,)


PRIVACY_REQUESTS = Projection(
    name="privacy_requests",
    version=1,
    table=Table(
        name="privacy_requests",
        says="Requests to erase personal data or to stop using them, and how far each is",
        row=RequestRow,
        key=("request",),
        indexes=("(customer)", "(state)"),
        checks=("identified_by <> received_by",),
    ),
    on=get_args(RequestEvent),
    keys=keys,
    fold=fold,
    parks_by="subject",
    shows=("market",),
)
