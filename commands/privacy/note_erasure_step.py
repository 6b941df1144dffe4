"""What was done after the keys were destroyed: copies purged, recipients told, stores searched, a
certificate signed, the last backup copies gone. One request for one such fact.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from commands.command import Append, Command, Desk, Message
from commands.fields import Code, Digest
from commands.privacy.case import SYSTEM, find, recorded
from domain.privacy import refusals
from domain.privacy.events import (
    BackupCopiesGone,
    CopiesPurged,
    ErasureCertified,
    PrivacyEvent,
    RecipientsTold,
    ResidueScanned,
)

Count = Annotated[int, Field(ge=0)]


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Purged(_Fact):
    step: Literal["purged"] = "purged"
    entries: dict[Code, Count]


class Told(_Fact):
    step: Literal["told"] = "told"
    recipients: tuple[Code, ...]


class Scanned(_Fact):
    step: Literal["scanned"] = "scanned"
    scanner: Code
    needles: Count
    objects: Count
    bytes: Count
    hits: Count
    unread: Count = 0


class Certified(_Fact):
    step: Literal["certified"] = "certified"
    digest: Digest
    signature: Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]
    signing_key: Digest
    backups_until_epoch: Count


class BackupsGone(_Fact):
    step: Literal["backups"] = "backups"
    epoch: Count


Done = Purged | Told | Scanned | Certified | BackupsGone


class NoteErasureStep(Command):
    """Once each, and only after the execution. Raises ResidueFound for a certificate over hits."""

    PURPOSE: ClassVar[str] = "dpv:RightsFulfilment"
    ROLES: ClassVar[frozenset[str]] = SYSTEM

    customer_id: UUID
    request: UUID
    done: Annotated[Done, Field(discriminator="step")]


def note_erasure_step(command: NoteErasureStep, desk: Desk) -> Append:
    history, case = find(desk, command.customer_id)
    request = case.known(command.request)
    if not request.did("executed"):
        raise refusals.StepOutOfOrder(request=str(request.id), step=command.done.step)
    events = [] if request.did(command.done.step) else [_event(command, desk.when(command))]
    return recorded(desk, history, events, _notices(command))


def _notices(command: NoteErasureStep) -> list[Message]:
    """One for each recipient, sent once the step is durable: erase what you were given (GDPR
    art. 19). Ids and codes only."""
    if not isinstance(command.done, Told):
        return []
    ids = {"customer": str(command.customer_id), "request": str(command.request)}
    return [
        Message(topic="privacy.erased", payload={"recipient": recipient, **ids})
        for recipient in command.done.recipients
    ]


def _event(command: NoteErasureStep, when: dict[str, Any]) -> PrivacyEvent:
    request = command.request
    match command.done:
        case Purged() as done:
            return CopiesPurged(request=request, purged=done.entries, **when)
        case Told() as done:
            return RecipientsTold(request=request, recipients=done.recipients, **when)
        case Scanned() as done:
            if done.hits:
                raise refusals.ResidueFound(hits=done.hits)
            return ResidueScanned(
                request=request,
                scanner=done.scanner,
                needles=done.needles,
                objects=done.objects,
                bytes=done.bytes,
                hits=done.hits,
                unread=done.unread,
                **when,
            )
        case Certified() as done:
            return ErasureCertified(
                request=request,
                digest=done.digest,
                signature=done.signature,
                signing_key=done.signing_key,
                backups_until_epoch=done.backups_until_epoch,
                **when,
            )
        case BackupsGone() as done:
            return BackupCopiesGone(request=request, epoch=done.epoch, **when)
