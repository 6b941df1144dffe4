"""A policy in its versions, and the decisions about it. How events add up to it: `evolve.py`.

Whoever drafts a version does not review it, and whoever approves it has done neither (RR-T-0b,
OS-A8b, CB-9.1c). What the product ships is published without anybody's approval and says so; two
people may review and approve it afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from datetime import date
from functools import cached_property
from typing import Unpack
from uuid import UUID, uuid5

from domain.event import Frozen
from domain.policy.overlap import clashes
from domain.publication import refusals, rows
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
    Rank,
    RowKind,
)
from domain.publication.rows import Row
from domain.when import When

_POLICY = UUID("5d3c6f0e-8a3b-5b52-9a86-0c1b7d2e4f61")
APPROVERS: Mapping[RowKind, str] = {RowKind.TIER_SCHEME: "department_head"}
"""Rows that one role alone approves (CB-9.1c)."""


def policy_stream(policy: str) -> UUID:
    """The stream of the policy of this id."""
    return uuid5(_POLICY, policy)


class Head(Frozen):
    """What a policy says of itself."""

    says: str
    zh: str
    rank: Rank = Rank.COMPANY
    active: bool = True

    def turned(self, *, active: bool) -> Head:
        """The same, on or off."""
        return replace(self, active=active)


class Version(Frozen):
    """A version: a draft until it is `published`. `lapses`: the first day without any version, if
    that was decided while it was the one published last."""

    version: int
    head: Head
    rows: Mapping[str, Row]
    drafted_by: frozenset[str]
    reviewed_by: str | None = None
    approved_by: str | None = None
    published: PolicyPublished | None = None
    lapses: date | None = None

    @cached_property
    def rows_hash(self) -> str:
        return rows.rows_hash(self.rows.values())

    @property
    def may_be_adopted(self) -> bool:
        """Published by the product itself, and approved by nobody so far."""
        return self.published is not None and self.published.bootstrap and not self.approved_by


class Policy(Frozen):
    """`used`: the highest number a version has had. `shipped`: the hashes of the rows the product
    has come with so far, and either published or drafted."""

    policy: str
    used: int = 0
    draft: Version | None = None
    published: Mapping[int, Version] = field(default_factory=dict)
    shipped: frozenset[str] = frozenset()

    @property
    def latest(self) -> Version | None:
        """The version published last."""
        return self.published[max(self.published)] if self.published else None

    def open_draft(
        self,
        head: Head,
        *,
        by: str,
        based_on: int | None = None,
        shipped: str | None = None,
        version: int | None = None,
        **when: Unpack[When],
    ) -> PolicyDraftOpened:
        """Raises DraftIsOpen; NoSuchPolicyVersion for a base that was not published."""
        if self.draft is not None:
            raise refusals.DraftIsOpen(policy=self.policy, version=self.draft.version)
        if based_on is not None:
            self.version(based_on)
        return PolicyDraftOpened(
            policy=self.policy,
            version=max(self.used + 1, version or 1),
            says=head.says,
            zh=head.zh,
            rank=head.rank,
            active=head.active,
            based_on=based_on,
            shipped=shipped,
            drafted_by=by,
            **when,
        )

    def draft_row(self, row: Row, *, by: str, **when: Unpack[When]) -> list[PublicationEvent]:
        """Nothing if the draft has it already. Raises what `rows.check` does."""
        draft = self.must_draft()
        before = draft.rows.get(row.id)
        if before == row:
            return []
        if before is not None and before.kind is not row.kind:
            raise refusals.RowKindChanged(policy=self.policy, row=row.id, kind=before.kind)
        rows.check(self.policy, row)
        return [
            PolicyRowDrafted(
                version=draft.version, kind=row.kind, id=row.id, row=row.row, drafted_by=by, **when
            )
        ]

    def drop_row(self, id: str, *, by: str, **when: Unpack[When]) -> list[PublicationEvent]:
        draft = self.must_draft()
        if id not in draft.rows:
            raise refusals.NoSuchRow(policy=self.policy, row=id)
        return [PolicyRowDropped(version=draft.version, id=id, dropped_by=by, **when)]

    def draft_rows(
        self, wanted: Iterable[Row], *, by: str, **when: Unpack[When]
    ) -> list[PublicationEvent]:
        """What makes the draft's rows these and no others. RowRepeated for two of one id."""
        new: dict[str, Row] = {}
        for row in wanted:
            if row.id in new:
                raise refusals.RowRepeated(policy=self.policy, row=row.id)
            new[row.id] = row
        gone = [id for id in self.must_draft().rows if id not in new]
        events = [event for id in gone for event in self.drop_row(id, by=by, **when)]
        return events + [e for row in new.values() for e in self.draft_row(row, by=by, **when)]

    def withdraw(self, *, by: str, **when: Unpack[When]) -> list[PublicationEvent]:
        return [PolicyDraftWithdrawn(version=self.must_draft().version, withdrawn_by=by, **when)]

    def review(
        self, version: int | None, *, by: str, **when: Unpack[When]
    ) -> list[PublicationEvent]:
        """`version` None: the draft; otherwise one that the product published by itself."""
        read = self._undecided(version)
        if by in read.drafted_by:
            raise refusals.ReviewedByDrafter(policy=self.policy, by=by)
        if read.reviewed_by == by:
            return []
        return [
            PolicyReviewed(version=read.version, rows_hash=read.rows_hash, reviewed_by=by, **when)
        ]

    def approve(
        self, version: int | None, *, by: str, role: str, **when: Unpack[When]
    ) -> list[PublicationEvent]:
        """`version` as for `review`. What could not be published is not approved either."""
        read = self._undecided(version)
        if read.reviewed_by is None:
            raise refusals.PolicyNotReviewed(policy=self.policy, version=read.version)
        if by in read.drafted_by:
            raise refusals.ApprovedByDrafter(policy=self.policy, by=by)
        if by == read.reviewed_by:
            raise refusals.ApprovedByReviewer(policy=self.policy, by=by)
        for kind in sorted({row.kind for row in read.rows.values()} & APPROVERS.keys()):
            if role != APPROVERS[kind]:
                raise refusals.ApproverNotEntitled(
                    policy=self.policy, role=role, needed=APPROVERS[kind]
                )
        self.must_be_sound(read)
        return [
            PolicyApproved(version=read.version, rows_hash=read.rows_hash, approved_by=by, **when)
        ]

    def publish(
        self,
        effective_day: date,
        change_record: str,
        *,
        by: str,
        today: date,
        **when: Unpack[When],
    ) -> list[PublicationEvent]:
        """`today`: the day in UTC. From `effective_day` on it takes the place of what was published
        before it."""
        draft = self.must_draft()
        if draft.reviewed_by is None:
            raise refusals.PolicyNotReviewed(policy=self.policy, version=draft.version)
        if draft.approved_by is None:
            raise refusals.PolicyNotApproved(policy=self.policy, version=draft.version)
        self.must_be_sound(draft)
        if effective_day < today:
            raise refusals.EffectiveDayPast(
                policy=self.policy, day=effective_day.isoformat(), today=today.isoformat()
            )
        return [self._published(draft, effective_day, change_record, by=by, today=today, **when)]

    def publish_shipped(
        self, change_record: str, *, by: str, today: date, **when: Unpack[When]
    ) -> PolicyPublished:
        """The draft as the product came with it: from ever in force, approved by nobody. Only what
        is published first may be."""
        draft = self.must_draft()
        assert not self.published, "what people publish is not replaced by what is shipped"
        self.must_be_sound(draft)
        return self._published(draft, None, change_record, by=by, today=today, **when)

    def file(
        self, version: int | None, filed_with: str, reference: str, *, by: str, **when: Unpack[When]
    ) -> list[PublicationEvent]:
        """`version` None: the one published last."""
        filed = self._last() if version is None else self.version(version)
        return [
            PolicyFiled(
                version=filed.version,
                filed_with=filed_with,
                reference=reference,
                filed_by=by,
                **when,
            )
        ]

    def lapse(
        self, day: date, change_record: str, *, by: str, today: date, **when: Unpack[When]
    ) -> list[PublicationEvent]:
        """`day` is the first without any version; a later publication begins anew."""
        latest = self._last()
        if (ends := latest.lapses) is not None:
            raise refusals.PolicyHasLapsed(policy=self.policy, day=ends.isoformat())
        if day < today:
            raise refusals.EffectiveDayPast(
                policy=self.policy, day=day.isoformat(), today=today.isoformat()
            )
        return [
            PolicyLapsed(
                policy=self.policy,
                latest=latest.version,
                lapses=day,
                change_record=change_record,
                decided_by=by,
                **when,
            )
        ]

    def must_draft(self) -> Version:
        if self.draft is None:
            raise refusals.NoDraft(policy=self.policy)
        return self.draft

    def version(self, number: int) -> Version:
        """A published version."""
        if number not in self.published:
            raise refusals.NoSuchPolicyVersion(policy=self.policy, version=number)
        return self.published[number]

    def any_version(self, number: int | None) -> Version:
        """A published version or the draft by its number; None: the one published last, else the
        draft."""
        if number is None and self.latest is None:
            return self.must_draft()
        if self.draft is not None and number == self.draft.version:
            return self.draft
        return self._last() if number is None else self.version(number)

    def must_be_sound(self, version: Version) -> None:
        """Refuses, naming rows, what cannot be published as a whole."""
        if not version.rows:
            raise refusals.PolicyEmpty(policy=self.policy)
        ordered = [version.rows[id] for id in sorted(version.rows)]
        for row in ordered:
            rows.check(self.policy, row)
        if vague := [row.id for row in ordered if rows.is_vague(row)]:
            raise refusals.RowsVague(policy=self.policy, rows=", ".join(vague))
        claims = [made for row in ordered if (made := rows.claim(row)) is not None]
        for one, two in clashes(claims):
            raise refusals.RowsOverlap(
                policy=self.policy, row=two.row, other=one.row, metric=one.promises
            )
        before = self.latest
        if version.published is None and before is not None:
            self._must_revise(version, before)

    def _must_revise(self, version: Version, before: Version) -> None:
        same = version.head == before.head and version.rows_hash == before.rows_hash
        if same and before.lapses is None:
            raise refusals.NothingRevised(policy=self.policy, version=before.version)
        for row in version.rows.values():
            was = before.rows.get(row.id)
            if row.kind is not RowKind.TIER_SCHEME or was is None or was == row:
                continue
            if rows.scheme(was.row).version >= rows.scheme(row.row).version:
                raise refusals.SchemeVersionUsed(
                    policy=self.policy, row=row.id, version=rows.scheme(was.row).version
                )

    def _undecided(self, version: int | None) -> Version:
        if version is None or (self.draft is not None and version == self.draft.version):
            return self.must_draft()
        found = self.version(version)
        if not found.may_be_adopted:
            raise refusals.AlreadyApproved(
                policy=self.policy, version=version, by=found.approved_by
            )
        return found

    def _last(self) -> Version:
        if self.latest is None:
            raise refusals.NotPublished(policy=self.policy)
        return self.latest

    def _published(
        self,
        draft: Version,
        effective_day: date | None,
        change_record: str,
        *,
        by: str,
        today: date,
        **when: Unpack[When],
    ) -> PolicyPublished:
        return PolicyPublished(
            policy=self.policy,
            version=draft.version,
            published_on=today,
            effective_day=effective_day,
            replaces=self.latest.version if self.latest else None,
            change_record=change_record,
            rows_hash=draft.rows_hash,
            bootstrap=effective_day is None,
            reviewed_by=draft.reviewed_by,
            approved_by=draft.approved_by,
            published_by=by,
            **when,
        )
