"""A policy as a request finds it, and what was decided as a request records it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from commands.command import Append, Desk, History
from domain.publication.events import PublicationEvent
from domain.publication.evolve import folded
from domain.publication.policy import Policy, policy_stream
from domain.refusal import NotFound

KIND = "policy"


def look(desk: Desk, policy: str) -> tuple[History | None, Policy]:
    """Where the policy's stream stands and what it adds up to; a policy that is none yet."""
    history = desk.record.history(policy_stream(policy))
    if history is None:
        return None, Policy(policy=policy)
    found = folded(cast("list[PublicationEvent]", history.facts))
    assert found is not None, "a stream on record has a first fact"
    return history, found


def find(desk: Desk, policy: str) -> tuple[History, Policy]:
    """The same of a policy there is; NotFound otherwise."""
    history, found = look(desk, policy)
    if history is None:
        raise NotFound(kind=KIND, id=policy)
    return history, found


def recorded(
    desk: Desk, policy: str, history: History | None, events: Sequence[PublicationEvent]
) -> Append:
    """What was decided, or an empty answer if that is nothing. A policy is nobody's but its own
    subject."""
    stream = policy_stream(policy)
    if not events:
        return Append(writes=[], ids={KIND: stream})
    if history is None:
        write = desk.begin(KIND, stream, stream, events)
    else:
        write = desk.change(history, events)
    return Append(writes=[write], ids={KIND: stream})
