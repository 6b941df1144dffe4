"""A draft is given up; its number is not used again."""

from __future__ import annotations

from commands.command import Append, Desk
from commands.policy.fields import PolicyCommand
from commands.policy.record import find, recorded


class WithdrawPolicyDraft(PolicyCommand):
    """`reason` says why."""


def withdraw_policy_draft(command: WithdrawPolicyDraft, desk: Desk) -> Append:
    history, policy = find(desk, command.policy_id)
    events = policy.withdraw(by=desk.actor, **desk.when(command))
    return recorded(desk, command.policy_id, history, events)
