"""A whole policy is drafted at once, as a file has it."""

from __future__ import annotations

from commands.command import Append, Desk
from commands.policy.fields import PolicyDocument
from commands.policy.record import look, recorded
from domain.publication.events import PublicationEvent
from domain.publication.evolve import evolve


class DraftPolicy(PolicyDocument):
    """Opens a draft if there is none, and makes its rows these and no others: what differs from
    the version published last is an event each. A draft that says otherwise of itself is withdrawn
    for another."""


def draft_policy(command: DraftPolicy, desk: Desk) -> Append:
    history, policy = look(desk, command.policy_id)
    when = desk.when(command)
    events: list[PublicationEvent] = []
    if policy.draft is not None and policy.draft.head != command.head:
        events = policy.withdraw(by=desk.actor, **when)
        policy = evolve(policy, events[0])
    if policy.draft is None:
        base = policy.latest.version if policy.latest else None
        opened = policy.open_draft(command.head, based_on=base, by=desk.actor, **when)
        events, policy = [*events, opened], evolve(policy, opened)
    events += policy.draft_rows(command.all_rows(), by=desk.actor, **when)
    return recorded(desk, command.policy_id, history, events)
