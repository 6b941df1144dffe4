"""What can happen to a policy. Every version has a number; what is published under it is fixed.

Rows are kept as TOML has them: canonical JSON of texts, whole numbers, yes and no, lists and
tables; days are texts as in "2026-01-31". Nothing here is about a person: staff appear by id.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from domain.event import Event


class Rank(StrEnum):
    """Where a rule comes from. Where several promise the same, one of law that is stricter wins
    over regulation, and regulation over the company's own (CB-4a, CB-4b)."""

    LAW = "law"
    REGULATION = "regulation"
    COMPANY = "company"


class RowKind(StrEnum):
    """What a row is about; the name of its table in a TOML file."""

    DEADLINE = "deadline"
    CADENCE = "cadence"
    TIER_SCHEME = "scheme"


class PolicyDraftOpened(Event):
    """`based_on`: the published version whose rows the draft begins with; None: no rows yet.

    `active` False: once published its rules start nothing by themselves. `shipped`: the hash of the
    rows a release came with, where the product itself opened it.
    """

    policy: str
    version: int
    says: str
    zh: str
    rank: Rank
    active: bool
    based_on: int | None
    shipped: str | None = None
    drafted_by: str


class PolicyRowDrafted(Event):
    """`id` is the row's own; a row drafted again takes the place of the one before."""

    version: int
    kind: RowKind
    id: str
    row: Mapping[str, Any]
    drafted_by: str


class PolicyRowDropped(Event):
    version: int
    id: str
    dropped_by: str


class PolicyDraftWithdrawn(Event):
    version: int
    withdrawn_by: str


class PolicyReviewed(Event):
    """Compliance has read these rows; what is changed afterwards is read again."""

    version: int
    rows_hash: str
    reviewed_by: str


class PolicyApproved(Event):
    """Signed by somebody who neither drafted nor reviewed these rows."""

    version: int
    rows_hash: str
    approved_by: str


class PolicyPublished(Event):
    """The version as a whole. `rows_hash` is the SHA-256, in hex, of its rows sorted by id, as
    canonical JSON (RFC 8785).

    `effective_day` None: from ever, which only the product's own first publication may say; that
    one is `bootstrap`: nobody reviewed or approved it. `replaces`: the version published before.
    """

    policy: str
    version: int
    published_on: date
    effective_day: date | None
    replaces: int | None
    change_record: str
    rows_hash: str
    bootstrap: bool
    reviewed_by: str | None
    approved_by: str | None
    published_by: str


class PolicyFiled(Event):
    """Put on file with a department, under its reference (RR-J-8b)."""

    version: int
    filed_with: str
    reference: str
    filed_by: str


class PolicyLapsed(Event):
    """`lapses` is the first day without any version of it. `latest` is the one published last."""

    policy: str
    latest: int
    lapses: date
    change_record: str
    decided_by: str


PublicationEvent = (
    PolicyDraftOpened
    | PolicyRowDrafted
    | PolicyRowDropped
    | PolicyDraftWithdrawn
    | PolicyReviewed
    | PolicyApproved
    | PolicyPublished
    | PolicyFiled
    | PolicyLapsed
)
