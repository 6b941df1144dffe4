"""A row is taken out of the draft."""

from __future__ import annotations

from commands.command import Append, Desk
from commands.fields import Code
from commands.policy.fields import PolicyCommand
from commands.policy.record import find, recorded


class DropPolicyRow(PolicyCommand):
    row_id: Code


def drop_policy_row(command: DropPolicyRow, desk: Desk) -> Append:
    history, policy = find(desk, command.policy_id)
    events = policy.drop_row(command.row_id, by=desk.actor, **desk.when(command))
    return recorded(desk, command.policy_id, history, events)
