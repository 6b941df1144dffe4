"""How the events of a privacy case add up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, assert_never
from uuid import UUID

from domain.privacy.case import PrivacyCase, Request
from domain.privacy.events import (
    BackupCopiesGone,
    CopiesPurged,
    DestructionBegun,
    ErasureCertified,
    LegalHoldPlaced,
    LegalHoldReleased,
    PrivacyEvent,
    PrivacyRequestExecuted,
    PrivacyRequestFulfilled,
    PrivacyRequestReceived,
    PrivacyRequestRefused,
    ProcessingRestricted,
    RecipientsTold,
    RequesterIdentified,
    ResidueScanned,
    RetentionEvaluated,
)
from domain.privacy.retention import Hold

AFTER_EVALUATION = frozenset(
    {"restricted", "executed", "purged", "told", "scanned", "certified", "backups"}
)
"""What is done once per evaluation: a later one that frees a category begins it again."""


def evolve(case: PrivacyCase | None, event: PrivacyEvent) -> PrivacyCase:
    case = case or PrivacyCase()
    match event:
        case PrivacyRequestReceived():
            received = Request(
                id=event.request,
                asked=event.request_type,
                categories=event.categories,
                received_by=event.received_by,
            )
            return replace(case, requests={**case.requests, event.request: received})
        case RequesterIdentified():
            return _did(case, event.request, "identified", identified_by=event.identified_by)
        case PrivacyRequestRefused():
            return _did(case, event.request, "refused", refused=True)
        case RetentionEvaluated():
            held = case.requests[event.request]
            again = replace(held, steps=held.steps - AFTER_EVALUATION)
            case = replace(case, requests={**case.requests, event.request: again})
            return _did(case, event.request, "evaluated", rulings=event.rulings)
        case ProcessingRestricted():
            return _did(case, event.request, "restricted")
        case DestructionBegun():
            return _did(case, event.request, "begun", begun=event.categories)
        case PrivacyRequestExecuted():
            held = case.requests[event.request]
            return _did(
                case,
                event.request,
                "executed",
                destroyed=(*held.destroyed, *event.destroyed),
                gone=held.gone | {*held.begun},
            )
        case CopiesPurged():
            return _did(case, event.request, "purged")
        case RecipientsTold():
            return _did(case, event.request, "told")
        case ResidueScanned():
            return _did(case, event.request, "scanned")
        case ErasureCertified():
            return _did(
                case,
                event.request,
                "certified",
                backups_until_epoch=event.backups_until_epoch,
            )
        case PrivacyRequestFulfilled():
            return _did(case, event.request, "fulfilled")
        case BackupCopiesGone():
            return _did(case, event.request, "backups")
        case LegalHoldPlaced():
            hold = Hold(
                id=event.hold,
                categories=frozenset(event.categories),
                basis=event.basis,
                owner=event.owner,
                review_on=event.review_on,
            )
            return replace(case, holds={**case.holds, event.hold: hold})
        case LegalHoldReleased():
            kept = {id: hold for id, hold in case.holds.items() if id != event.hold}
            return replace(case, holds=kept)
        case _:
            assert_never(event)


def _did(case: PrivacyCase, request: UUID, step: str, **changed: Any) -> PrivacyCase:
    held = case.requests[request]
    done = replace(held, steps=held.steps | {step}, **changed)
    return replace(case, requests={**case.requests, request: done})
