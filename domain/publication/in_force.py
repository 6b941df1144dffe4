"""What the published versions of policies come to: each rule with the days it holds on.

A version holds from its effective day until one published after it takes effect, or its policy
lapses. All versions are kept: a late fact falls under the one of its day, and a running promise is
looked up under the version that made it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from domain.event import Frozen
from domain.policy.cadence import CadenceRule
from domain.policy.deadline import DeadlineRule, Pack
from domain.policy.tier import DatedScheme
from domain.publication.events import RowKind
from domain.publication.policy import Policy, Version
from domain.publication.rows import cadence, deadline, scheme


class Published(Frozen):
    rules: Sequence[DeadlineRule]
    cadences: Sequence[CadenceRule]
    schemes: Mapping[str, Sequence[DatedScheme]]


def published(policies: Iterable[Policy]) -> Published:
    """The rules of every version ever published, in order of policy and version."""
    rules: list[DeadlineRule] = []
    cadences: list[CadenceRule] = []
    schemes: dict[str, list[DatedScheme]] = {}
    for policy in sorted(policies, key=lambda policy: policy.policy):
        for version, starts, ends in spans(policy):
            for row in version.rows.values():
                match row.kind:
                    case RowKind.DEADLINE:
                        rule = deadline(row.row, pack_of(policy.policy, version))
                        rules.append(
                            replace(
                                rule,
                                in_force=_later(rule.in_force, starts),
                                lapsed=_earlier(rule.lapsed, ends),
                            )
                        )
                    case RowKind.TIER_SCHEME:
                        read = scheme(row.row)
                        schemes.setdefault(read.id, []).append(
                            DatedScheme(scheme=read, in_force=starts, lapsed=ends)
                        )
                    case RowKind.CADENCE:
                        duty = cadence(row.row, pack_of(policy.policy, version))
                        cadences.append(
                            replace(
                                duty,
                                in_force=_later(duty.in_force, starts),
                                lapsed=_earlier(duty.lapsed, ends),
                            )
                        )
    return Published(rules=rules, cadences=cadences, schemes=schemes)


def spans(policy: Policy) -> Iterator[tuple[Version, date | None, date | None]]:
    """Each published version, by number, with its first day (None: from ever) and the first day
    without it (None: none is known). One that another replaced before it began has no day."""
    versions = [policy.published[number] for number in sorted(policy.published)]
    for n, version in enumerate(versions):
        ends = version.lapses
        for later in versions[n + 1 :]:
            ends = _earlier(ends, _effective(later))
        yield version, _effective(version), ends


def pack_of(policy: str, version: Version) -> Pack:
    approved_by = () if version.approved_by is None else (version.approved_by,)
    return Pack(
        id=policy,
        version=version.version,
        says=version.head.says,
        zh=version.head.zh,
        approved_by=approved_by,
        active=version.head.active,
    )


def _effective(version: Version) -> date | None:
    assert version.published is not None, "only published versions have days"
    return version.published.effective_day


def _later(one: date | None, two: date | None) -> date | None:
    return max((day for day in (one, two) if day is not None), default=None)


def _earlier(one: date | None, two: date | None) -> date | None:
    return min((day for day in (one, two) if day is not None), default=None)
