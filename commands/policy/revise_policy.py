"""A published version becomes the beginning of a new draft (RR-T-0a)."""

from __future__ import annotations

from commands.command import Append, Desk
from commands.policy.fields import PolicyCommand, VersionNumber
from commands.policy.record import find, recorded
from domain.publication.refusals import NotPublished


class RevisePolicy(PolicyCommand):
    """`version`: the one to begin with; null: the one published last. `active`: null keeps what it
    said."""

    version: VersionNumber | None = None
    active: bool | None = None


def revise_policy(command: RevisePolicy, desk: Desk) -> Append:
    history, policy = find(desk, command.policy_id)
    if policy.latest is None:
        raise NotPublished(policy=policy.policy)
    base = policy.version(command.version or policy.latest.version)
    head = base.head if command.active is None else base.head.turned(active=command.active)
    opened = policy.open_draft(head, based_on=base.version, by=desk.actor, **desk.when(command))
    return recorded(desk, command.policy_id, history, [opened])
