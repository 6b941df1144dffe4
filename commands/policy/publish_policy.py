"""The draft is published: from its effective day on it takes the place of the one before."""

from __future__ import annotations

from datetime import date

from commands.command import Append, Desk
from commands.policy.fields import ChangeRecord, PolicyCommand
from commands.policy.record import find, recorded


class PublishPolicy(PolicyCommand):
    """`effective_day` is today or later (UTC); a fact falls under the version of its own day, by
    the calendar of its market. `change_record` says what changed and why (RR-T-0a)."""

    effective_day: date
    change_record: ChangeRecord


def publish_policy(command: PublishPolicy, desk: Desk) -> Append:
    history, policy = find(desk, command.policy_id)
    events = policy.publish(
        command.effective_day,
        command.change_record,
        by=desk.actor,
        today=desk.now.date(),
        **desk.when(command),
    )
    return recorded(desk, command.policy_id, history, events)
