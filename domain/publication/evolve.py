"""How the events of a policy add up. Refuses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import assert_never

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
from domain.publication.policy import Head, Policy, Version
from domain.publication.rows import Row


def evolve(policy: Policy | None, event: PublicationEvent) -> Policy:
    if isinstance(event, PolicyDraftOpened):
        return _opened(policy or Policy(policy=event.policy), event)
    assert policy is not None, "a policy's history begins with PolicyDraftOpened"
    match event:
        case PolicyRowDrafted():
            draft = _draft(policy)
            rows = {**draft.rows, event.id: Row(kind=event.kind, row=event.row)}
            return replace(policy, draft=_changed(draft, rows, event.drafted_by))
        case PolicyRowDropped():
            draft = _draft(policy)
            rows = {id: row for id, row in draft.rows.items() if id != event.id}
            return replace(policy, draft=_changed(draft, rows, event.dropped_by))
        case PolicyDraftWithdrawn():
            return replace(policy, draft=None)
        case PolicyReviewed():
            by = event.reviewed_by
            return _decided(
                policy, event.version, lambda v: replace(v, reviewed_by=by, approved_by=None)
            )
        case PolicyApproved():
            signed = event.approved_by
            return _decided(policy, event.version, lambda v: replace(v, approved_by=signed))
        case PolicyPublished():
            published = replace(_draft(policy), published=event)
            return replace(
                policy, draft=None, published={**policy.published, event.version: published}
            )
        case PolicyFiled():
            return policy
        case PolicyLapsed():
            ended = {
                number: replace(version, lapses=version.lapses or event.lapses)
                for number, version in policy.published.items()
            }
            return replace(policy, published=ended)
        case _:
            assert_never(event)


def folded(events: Iterable[PublicationEvent]) -> Policy | None:
    """The policy that its events come to; None where there are none."""
    policy: Policy | None = None
    for event in events:
        policy = evolve(policy, event)
    return policy


def _opened(policy: Policy, event: PolicyDraftOpened) -> Policy:
    base = {} if event.based_on is None else policy.published[event.based_on].rows
    draft = Version(
        version=event.version,
        head=Head(says=event.says, zh=event.zh, rank=event.rank, active=event.active),
        rows=base,
        drafted_by=frozenset({event.drafted_by}),
    )
    shipped = policy.shipped | ({event.shipped} if event.shipped else frozenset())
    return replace(policy, used=event.version, draft=draft, shipped=shipped)


def _draft(policy: Policy) -> Version:
    assert policy.draft is not None, "rows are drafted, and versions published, of an open draft"
    return policy.draft


def _changed(draft: Version, rows: dict[str, Row], by: str) -> Version:
    """Whoever had read or signed it before had read something else."""
    return replace(
        draft,
        rows=rows,
        drafted_by=draft.drafted_by | {by},
        reviewed_by=None,
        approved_by=None,
    )


def _decided(policy: Policy, number: int, decided: Callable[[Version], Version]) -> Policy:
    """Of the draft, or of a version that the product published by itself."""
    if policy.draft is not None and policy.draft.version == number:
        return replace(policy, draft=decided(policy.draft))
    return replace(
        policy, published={**policy.published, number: decided(policy.published[number])}
    )
