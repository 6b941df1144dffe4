"""The certificate of an erasure: what the record says was done, as canonical JSON, signed.

It is computed from the case's own events, so it can be made again at any time, byte for byte.
The installation's key (`infra/vault/signing.py`) signs the bytes; its public half is on every
certificate.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from domain.event import Event, Recorded
from domain.privacy.events import (
    CopiesPurged,
    LegalHoldPlaced,
    LegalHoldReleased,
    PrivacyRequestExecuted,
    PrivacyRequestReceived,
    RecipientsTold,
    RequesterIdentified,
    ResidueScanned,
    RetentionEvaluated,
)
from domain.privacy.refusals import CertificateInvalid
from infra.vault.signing import is_signed

FORM = "dossier-erasure-certificate/v2"
FIRST_FORM = "dossier-erasure-certificate/v1"
FIRST_SCANNERS = frozenset({"scan:1", "structure:1"})
"""What searched when certificates had the first form; they are made again as they were."""


def statement(events: Sequence[Recorded[Event]], request: UUID, epoch: int) -> bytes:
    """What is certified of a request: canonical JSON of the case's events up to its last scan.

    `epoch`: the key-encryption key with which the last backup copies die. No personal data.
    """
    events = _up_to_last_scan(events, request)
    first = _has_first_form(events)
    said: dict[str, Any] = {
        "form": FIRST_FORM if first else FORM,
        "request": str(request),
        "customer": str(events[0].header.subject),
        "backup_copies": f"pending until key-encryption key epoch {epoch} is destroyed",
        "holds": _holds(events),
    }
    for recorded in events:
        event = recorded.event
        if getattr(event, "request", None) != request:
            continue
        match event:
            case PrivacyRequestReceived():
                said["received_at"] = event.at.isoformat()
                said["asked"] = event.request_type.value
                said["categories"] = [c.value for c in event.categories]
            case RequesterIdentified():
                said["identified"] = {"by": event.identified_by, "method": event.method}
            case RetentionEvaluated():
                said["policy"] = event.policy
                said["rulings"] = [
                    {
                        "category": r.category.value,
                        "disposition": r.disposition.value,
                        "basis": r.basis,
                        "until": r.until.isoformat() if r.until else None,
                    }
                    for r in event.rulings
                ]
            case PrivacyRequestExecuted():
                said["executed_at"] = event.at.isoformat()
                said["keys_destroyed"] = said.get("keys_destroyed", []) + [
                    {
                        "category": key.category.value,
                        "generation": key.generation,
                        "commitment": key.commitment,
                    }
                    for key in event.destroyed
                ]
            case CopiesPurged():
                said["purged"] = dict(event.purged)
            case RecipientsTold():
                said["recipients_told" if first else "recipients_notice_queued"] = list(
                    event.recipients
                )
            case ResidueScanned() if not (first or event.needles):
                said["scan"] = {"searched": False, "why": "no value to search for was known"}
                said["record_up_to"] = recorded.header.position
                said["head"] = recorded.header.hash.hex()
            case ResidueScanned():
                said["scan"] = ({} if first else {"searched": True}) | {
                    "scanner": event.scanner,
                    "needles": event.needles,
                    "objects": event.objects,
                    "bytes": event.bytes,
                    "hits": event.hits,
                    "not_looked_into": event.unread,
                }
                said["record_up_to"] = recorded.header.position
                said["head"] = recorded.header.hash.hex()
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


def _has_first_form(events: Sequence[Recorded[Event]]) -> bool:
    last = events[-1].event
    return isinstance(last, ResidueScanned) and last.scanner in FIRST_SCANNERS


def _up_to_last_scan(events: Sequence[Recorded[Event]], request: UUID) -> Sequence[Recorded[Event]]:
    """What is certified stands before the certificate and does not change by what comes after."""
    scans = [
        n
        for n, recorded in enumerate(events, 1)
        if isinstance(recorded.event, ResidueScanned) and recorded.event.request == request
    ]
    return events[: scans[-1]] if scans else events


def _holds(events: Sequence[Recorded[Event]]) -> list[dict[str, Any]]:
    standing: dict[UUID, dict[str, Any]] = {}
    for recorded in events:
        match recorded.event:
            case LegalHoldPlaced() as placed:
                standing[placed.hold] = {
                    "hold": str(placed.hold),
                    "basis": placed.basis,
                    "categories": [c.value for c in placed.categories],
                    "review_on": placed.review_on.isoformat(),
                }
            case LegalHoldReleased() as released:
                standing.pop(released.hold, None)
    return list(standing.values())


def signed(document: bytes, signature: str, public: str) -> bytes:
    """The certificate as handed out: the statement as a text, so that no byte of it can move."""
    whole = {
        "statement": document.decode(),
        "sha256": sha256(document).hexdigest(),
        "signature": signature,
        "signing_key": public,
    }
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2) + b"\n"


def verified(certificate: bytes, trusted: str) -> dict[str, Any]:
    """What a certificate states. `trusted`: the public key in hex that must have signed it; the one
    in the file is never believed. Raises CertificateInvalid."""
    try:
        whole = orjson.loads(certificate)
        document = whole["statement"].encode()
        signature, key = str(whole["signature"]), whole["signing_key"]
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        raise CertificateInvalid(why="not_a_certificate") from None
    if key != trusted:
        raise CertificateInvalid(why="signed_by_another_key")
    if not is_signed(document, signature, trusted):
        raise CertificateInvalid(why="signature_does_not_fit")
    stated: dict[str, Any] = orjson.loads(document)
    return stated
