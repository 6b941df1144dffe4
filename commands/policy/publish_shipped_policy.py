"""What a release ships is put on record: published where nothing is, otherwise as a draft.

It carries nobody's approval and says so. A release that ships other rows than the one before makes
a draft of them for people to judge; it never changes what is in force.
"""

from __future__ import annotations

from typing import ClassVar

from commands.command import Append, Desk
from commands.policy.fields import ChangeRecord, PolicyDocument, VersionNumber
from commands.policy.record import look, recorded
from domain.publication.events import PublicationEvent
from domain.publication.evolve import evolve
from domain.publication.rows import rows_hash


class PublishShippedPolicy(PolicyDocument):
    """`version`: the one the file names. `publish` false: it ships as a draft, and is never in
    force by itself. Nothing happens if these rows were on record before, or a draft is open."""

    ROLES: ClassVar[frozenset[str]] = frozenset({"system"})

    version: VersionNumber
    publish: bool
    change_record: ChangeRecord


def publish_shipped_policy(command: PublishShippedPolicy, desk: Desk) -> Append:
    history, policy = look(desk, command.policy_id)
    rows = command.all_rows()
    digest = rows_hash(rows)
    if policy.draft is not None or digest in policy.shipped:
        return recorded(desk, command.policy_id, history, [])
    when = desk.when(command)
    opened = policy.open_draft(
        command.head, by=desk.actor, shipped=digest, version=command.version, **when
    )
    events: list[PublicationEvent] = [opened]
    events += evolve(policy, opened).draft_rows(rows, by=desk.actor, **when)
    if command.publish and history is None:
        for event in events:
            policy = evolve(policy, event)
        events.append(
            policy.publish_shipped(
                command.change_record, by=desk.actor, today=desk.now.date(), **when
            )
        )
    return recorded(desk, command.policy_id, history, events)
