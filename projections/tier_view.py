"""The tier view: which tier each customer holds under each scheme, since when, on what evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import cast
from uuid import UUID

from domain.customer.events import CustomerTierChanged, CustomerTierEvaluated
from projections.projection import Entry, Projection, Rows
from projections.table import Key, Table


@dataclass(slots=True)
class TierRow:
    customer: UUID
    scheme: str
    scheme_version: int
    tier: str | None = None
    since: datetime | None = None
    as_of: date | None = None
    reason: str | None = None
    proposed: str | None = None
    evaluated_at: datetime | None = None
    evaluated_as_of: date | None = None
    position_read: int | None = None
    indicators: dict[str, str] = field(default_factory=dict)


def fold(rows: Rows[TierRow], entry: Entry) -> None:
    """An evaluation that looks further back than the one shown changes nothing here."""
    event = cast("CustomerTierEvaluated | CustomerTierChanged", entry.event)
    (key,) = keys(entry)
    row = rows.get(key)
    if row is None:
        row = rows[key] = TierRow(entry.header.subject, event.scheme, event.scheme_version)
    match event:
        case CustomerTierEvaluated():
            if row.evaluated_as_of is None or event.as_of >= row.evaluated_as_of:
                row.scheme_version = event.scheme_version
                row.proposed = event.proposed
                row.evaluated_at = event.at
                row.evaluated_as_of = event.as_of
                row.position_read = event.position
                row.indicators = {
                    name: format(value, "f") for name, value in event.indicators.items()
                }
        case CustomerTierChanged():
            row.tier = event.to_tier
            row.since = event.at
            row.as_of = event.as_of
            row.reason = event.reason


def keys(entry: Entry) -> Iterable[Key]:
    event = cast("CustomerTierEvaluated | CustomerTierChanged", entry.event)
    return ((entry.header.subject, event.scheme),)


TIER_VIEW = Projection(
    name="tier_view",
    version=1,
    table=Table(
        name="tier_view",
        says="The tier each customer holds under each scheme, and the evidence (CB-9.1a)",
        row=TierRow,
        key=("customer", "scheme"),
        indexes=("(scheme, tier)",),
    ),
    on=(CustomerTierEvaluated, CustomerTierChanged),
    keys=keys,
    fold=fold,
    parks_by="subject",
)
