"""A policy is signed, by somebody who neither drafted nor reviewed it (RR-T-0b, CB-9.1c)."""

from __future__ import annotations

from typing import ClassVar

from commands.command import Append, Desk
from commands.policy.fields import PolicyCommand, VersionNumber
from commands.policy.record import find, recorded


class ApprovePolicy(PolicyCommand):
    """`version` as for `ReviewPolicy`. Tier schemes are approved by the department head."""

    ROLES: ClassVar[frozenset[str]] = frozenset({"department_head", "management", "approver"})

    version: VersionNumber | None = None


def approve_policy(command: ApprovePolicy, desk: Desk) -> Append:
    history, policy = find(desk, command.policy_id)
    events = policy.approve(command.version, by=desk.actor, role=desk.role, **desk.when(command))
    return recorded(desk, command.policy_id, history, events)
