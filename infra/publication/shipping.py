"""What a release brings is put on record by the ordinary commands, and says that no person approved
it: published where nothing of the policy is on record yet, as a draft where other rows are.

Files are read for this and for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID, uuid5

import structlog

from commands.policy.publish_shipped_policy import PublishShippedPolicy
from domain.publication.policy import policy_stream
from infra.dispatch import Caller, Dispatcher
from infra.policies import DRAFTS, POLICIES, policy_document
from infra.publication.documents import fields_of

log = structlog.get_logger()
SHIPPER = Caller("dossier", "system")
_SHIPPING = UUID("6d1b9f52-0a7c-5f43-8f5e-2f3f6f1c9b77")
CHANGE_RECORD = "As shipped with the product; approved by no person."


def ship_missing(dispatcher: Dispatcher) -> None:
    """Records the policies of which nothing was ever recorded here. Safe to be done by several
    processes at once."""
    missing = [
        policy
        for policy in (*POLICIES, *DRAFTS)
        if dispatcher.record.stream_row(policy_stream(policy)) is None
    ]
    _ship(dispatcher, missing)


def ship(dispatcher: Dispatcher) -> None:
    """The same, and drafts of what this release ships otherwise than the one before."""
    _ship(dispatcher, (*POLICIES, *DRAFTS))


def _ship(dispatcher: Dispatcher, policies: Iterable[str]) -> None:
    for policy in policies:
        command = shipped(policy)
        identity = uuid5(_SHIPPING, command.model_dump_json())
        result = dispatcher.dispatch(command, SHIPPER, identity)
        if result.position is not None and not result.replayed:
            log.info("policy.shipped", policy=policy, position=result.position)


def shipped(policy: str) -> PublishShippedPolicy:
    document = policy_document(policy)
    return PublishShippedPolicy(
        **fields_of(document, f"{policy}.toml"),
        version=document["pack"]["version"],
        publish=policy in POLICIES,
        change_record=CHANGE_RECORD,
    )
