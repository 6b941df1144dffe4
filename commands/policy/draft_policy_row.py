"""A row is written into the draft; one of the same id is replaced."""

from __future__ import annotations

from commands.command import Append, Desk
from commands.policy.fields import PolicyCommand, RowTable
from commands.policy.record import find, recorded
from domain.publication.events import RowKind
from domain.publication.rows import row_of


class DraftPolicyRow(PolicyCommand):
    """`row` has the fields of its kind's table in a policy file; days are texts."""

    kind: RowKind
    row: RowTable


def draft_policy_row(command: DraftPolicyRow, desk: Desk) -> Append:
    history, policy = find(desk, command.policy_id)
    row = row_of(command.policy_id, command.kind, command.row)
    events = policy.draft_row(row, by=desk.actor, **desk.when(command))
    return recorded(desk, command.policy_id, history, events)
