"""A published version is put on file (RR-J-8b)."""

from __future__ import annotations

from commands.command import Append, Desk
from commands.fields import Code
from commands.policy.fields import PolicyCommand, VersionNumber
from commands.policy.record import find, recorded


class FilePolicy(PolicyCommand):
    """`filed_with` is the department, `reference` what it is found by there. `version` null: the
    one published last."""

    filed_with: Code
    reference: Code
    version: VersionNumber | None = None


def file_policy(command: FilePolicy, desk: Desk) -> Append:
    history, policy = find(desk, command.policy_id)
    events = policy.file(
        command.version,
        command.filed_with,
        command.reference,
        by=desk.actor,
        **desk.when(command),
    )
    return recorded(desk, command.policy_id, history, events)
