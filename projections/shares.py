"""The shares: which personal data went to whom, on which consent and agreement (CB-14.3d)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

from domain.customer.events import DataShared
from projections.projection import Entry, Projection, Rows
from projections.table import Key, Table


@dataclass(slots=True)
class ShareRow:
    share: UUID
    customer: UUID
    recipient: str
    country: str
    cross_border: bool
    purpose: str
    consent_id: UUID
    agreement: UUID
    digest: str
    at: datetime
    recorded_at: datetime
    actor: str
    categories: list[str] = field(default_factory=list)


def fold(rows: Rows[ShareRow], entry: Entry) -> None:
    header, event = entry.header, cast("DataShared", entry.event)
    rows[event.share] = ShareRow(
        share=event.share,
        customer=header.subject,
        recipient=event.recipient,
        country=event.country,
        cross_border=event.cross_border,
        purpose=event.purpose,
        consent_id=event.consent,
        agreement=event.agreement,
        digest=event.digest,
        at=event.at,
        recorded_at=entry.origin.recorded_at,
        actor=header.actor,
        categories=list(event.categories),
    )


def keys(_: Entry) -> Iterable[Key]:
    """No row is ever changed."""
    return ()


SHARES = Projection(
    name="shares",
    version=1,
    table=Table(
        name="shares",
        says="One row per time personal data went to another organisation",
        row=ShareRow,
        key=("share",),
        indexes=("(customer, at)", "(recipient, at)"),
    ),
    on=(DataShared,),
    keys=keys,
    fold=fold,
    parks_by="subject",
    shows=("recorded_at",),
)
