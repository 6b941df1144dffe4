"""Policies: a row per version, from its draft to its end.

`effective_day` and `ends_on` are local days of whoever's calendar a rule counts by. A version in
force is one that is published, has begun and has not ended; `state` says how far it has come. What
the product shipped and no person has approved is `shipped`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import assert_never, cast, get_args
from uuid import UUID

from domain.publication.events import (
    PolicyApproved,
    PolicyDraftOpened,
    PolicyDraftWithdrawn,
    PolicyFiled,
    PolicyLapsed,
    PolicyPublished,
    PolicyReviewed,
    PolicyRowDrafted,
    PolicyRowDropped,
    PublicationEvent,
)
from projections.projection import Entry, Projection, Rows
from projections.table import Key, Table

DRAFT, REVIEWED, APPROVED, WITHDRAWN = "draft", "reviewed", "approved", "withdrawn"
PUBLISHED, SHIPPED = "published", "shipped"


@dataclass(slots=True)
class PolicyRow:
    stream: UUID
    policy_version: int
    policy_id: str
    policy: str
    rank: str
    active: bool
    state: str
    drafted_at: datetime
    drafted_by: list[str]
    based_on: int | None = None
    row_ids: list[str] = field(default_factory=list)
    rows_hash: str | None = None
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    published_by: str | None = None
    published_on: date | None = None
    effective_day: date | None = None
    ends_on: date | None = None
    replaces: int | None = None
    filed_with: str | None = None
    reference: str | None = None


def fold(rows: Rows[PolicyRow], entry: Entry) -> None:
    event, stream = cast("PublicationEvent", entry.event), entry.header.stream
    match event:
        case PolicyDraftOpened():
            base = [] if event.based_on is None else rows[stream, event.based_on].row_ids
            rows[stream, event.version] = PolicyRow(
                stream=stream,
                policy_version=event.version,
                policy_id=event.policy,
                policy=f"{event.policy}@{event.version}",
                rank=event.rank,
                active=event.active,
                state=DRAFT,
                drafted_at=event.at,
                drafted_by=[event.drafted_by],
                based_on=event.based_on,
                row_ids=list(base),
            )
        case PolicyRowDrafted():
            row = _redrafted(rows[stream, event.version], event.drafted_by)
            row.row_ids = sorted({*row.row_ids, event.id})
        case PolicyRowDropped():
            row = _redrafted(rows[stream, event.version], event.dropped_by)
            row.row_ids = [id for id in row.row_ids if id != event.id]
        case PolicyDraftWithdrawn():
            rows[stream, event.version].state = WITHDRAWN
        case PolicyReviewed():
            row = rows[stream, event.version]
            row.reviewed_by, row.reviewed_at = event.reviewed_by, event.at
            row.approved_by, row.approved_at = None, None
            row.rows_hash = event.rows_hash
            row.state = SHIPPED if row.state == SHIPPED else REVIEWED
        case PolicyApproved():
            row = rows[stream, event.version]
            row.approved_by, row.approved_at = event.approved_by, event.at
            row.state = PUBLISHED if row.state == SHIPPED else APPROVED
        case PolicyPublished():
            _publish(rows, stream, event)
        case PolicyFiled():
            row = rows[stream, event.version]
            row.filed_with, row.reference = event.filed_with, event.reference
        case PolicyLapsed():
            for row in _published(rows, stream, None):
                row.ends_on = _earlier(row.ends_on, event.lapses)
        case _:
            assert_never(event)


def _publish(rows: Rows[PolicyRow], stream: UUID, event: PolicyPublished) -> None:
    row = rows[stream, event.version]
    row.state = SHIPPED if event.bootstrap else PUBLISHED
    row.published_by, row.published_on = event.published_by, event.published_on
    row.effective_day, row.replaces = event.effective_day, event.replaces
    row.rows_hash = event.rows_hash
    for before in _published(rows, stream, event.version):
        before.ends_on = _earlier(before.ends_on, event.effective_day)


def _redrafted(row: PolicyRow, by: str) -> PolicyRow:
    row.state, row.rows_hash = DRAFT, None
    row.reviewed_by, row.reviewed_at, row.approved_by, row.approved_at = None, None, None, None
    row.drafted_by = sorted({*row.drafted_by, by})
    return row


def _published(rows: Rows[PolicyRow], stream: UUID, but: int | None) -> list[PolicyRow]:
    return [
        row
        for (of, version), row in cast("dict[tuple[UUID, int], PolicyRow]", rows).items()
        if of == stream and version != but and row.published_on is not None
    ]


def _earlier(one: date | None, two: date | None) -> date | None:
    return min((day for day in (one, two) if day is not None), default=None)


def keys(entry: Entry) -> Iterable[Key]:
    event, stream = cast("PublicationEvent", entry.event), entry.header.stream
    match event:
        case PolicyDraftOpened():
            return () if event.based_on is None else ((stream, event.based_on),)
        case PolicyPublished():
            return [(stream, version) for version in range(1, event.version + 1)]
        case PolicyLapsed():
            return [(stream, version) for version in range(1, event.latest + 1)]
        case _:
            return ((stream, event.version),)


POLICIES = Projection(
    name="policies",
    version=1,
    table=Table(
        name="policies",
        says="Versions of policies: who drafted, reviewed, approved and published them, and when",
        row=PolicyRow,
        key=("stream", "policy_version"),
        indexes=("(policy)",),
        checks=("approved_by <> reviewed_by",),
    ),
    on=get_args(PublicationEvent),
    keys=keys,
    fold=fold,
    parks_by="stream",
)
