"""Compliance reads a policy before it is used (OS-A8b)."""

from __future__ import annotations

from typing import ClassVar

from commands.command import Append, Desk
from commands.policy.fields import PolicyCommand, VersionNumber
from commands.policy.record import find, recorded


class ReviewPolicy(PolicyCommand):
    """`version` null: the draft; otherwise one that the product published without anybody's
    approval, so that people adopt it. Whoever asks is the reviewer and has not drafted it."""

    ROLES: ClassVar[frozenset[str]] = frozenset({"compliance_officer"})

    version: VersionNumber | None = None


def review_policy(command: ReviewPolicy, desk: Desk) -> Append:
    history, policy = find(desk, command.policy_id)
    events = policy.review(command.version, by=desk.actor, **desk.when(command))
    return recorded(desk, command.policy_id, history, events)
