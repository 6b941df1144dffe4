"""A draft without rows: of a new policy, or of an existing one written anew."""

from __future__ import annotations

from commands.command import Append, Desk
from commands.policy.fields import PolicyCommand, Sentence
from commands.policy.record import look, recorded
from domain.publication.events import Rank
from domain.publication.policy import Head


class OpenPolicyDraft(PolicyCommand):
    """`rank`: where its rules come from. `active` false: once published they start nothing by
    themselves."""

    says: Sentence
    zh: Sentence
    rank: Rank = Rank.COMPANY
    active: bool = True


def open_policy_draft(command: OpenPolicyDraft, desk: Desk) -> Append:
    history, policy = look(desk, command.policy_id)
    head = Head(says=command.says, zh=command.zh, rank=command.rank, active=command.active)
    opened = policy.open_draft(head, by=desk.actor, **desk.when(command))
    return recorded(desk, command.policy_id, history, [opened])
