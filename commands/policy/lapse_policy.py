"""A policy ends without another in its place."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from commands.command import Append, Desk
from commands.policy.fields import ChangeRecord, PolicyCommand
from commands.policy.record import find, recorded


class LapsePolicy(PolicyCommand):
    """`lapses` is the first day without it, today or later (UTC). Promises made before are kept."""

    ROLES: ClassVar[frozenset[str]] = frozenset({"department_head", "management"})

    lapses: date
    change_record: ChangeRecord


def lapse_policy(command: LapsePolicy, desk: Desk) -> Append:
    history, policy = find(desk, command.policy_id)
    events = policy.lapse(
        command.lapses,
        command.change_record,
        by=desk.actor,
        today=desk.now.date(),
        **desk.when(command),
    )
    return recorded(desk, command.policy_id, history, events)
